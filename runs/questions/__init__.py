"""What is asked of studies: tipping points, points of no return, hysteresis, blame, sensitivity, comparison."""
