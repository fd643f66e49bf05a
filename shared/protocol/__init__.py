"""What edge and cloud say to each other. They meet here and nowhere else."""
