"""E-invoices for Billhook: UBL 2.1 by EN 16931 and Peppol BIS Billing 3.0."""

__version__ = "0.1.0"
