"""What templates are given: rows of the database, and what people read about them."""
