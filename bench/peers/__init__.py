"""What our work is measured beside."""
