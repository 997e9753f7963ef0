"""What the sample desk tells: who writes, who answers, and what was said when."""
