"""What becomes of drafts and documents: the document's page, and the acts that change what is owed."""
