"""What happens in each phase of the month: agents decide, markets settle, the ledger books."""
