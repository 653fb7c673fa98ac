"""Leaf modules named by topic; none knows the business."""
