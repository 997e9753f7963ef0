"""All processes on one machine: started, watched, started again, and stopped."""
