"""Writes the sample reports: everything in them is invented, only the shapes are Apple's."""
