"""The design system: tokens, components, base templates. Knows no word of the business."""
