"""What all steps are made with: work beside the page, the look of the page, pictures, boxes for files."""
