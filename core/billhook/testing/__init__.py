"""What tests of the core and of plugins share: services to run against, fresh databases, fixtures."""
