"""What clients do at the portal. Each act takes the `Client` whose it is, and sees nothing of others.

A client's context holds rights of the portal, never a permission of the company's people,
and a scope: whatever a service asks for, rows of other customers are not there.
"""
