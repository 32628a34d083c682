"""Deliveries: documents on their way to clients, by channels that plugins bring.

A delivery is made with all that it says, tried by a job until the other side has
it or clearly refuses, and told about later by its channel. No step is done
twice: what may have reached the other side is not sent again unless a person
says so.
"""

from billhook.services.delivering.reporting import DeliveryReports

__all__ = ["DeliveryReports"]
