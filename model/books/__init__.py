"""The books: the ledger, its accounts and kinds of payment, settlement and the audit. The only writers of money."""
