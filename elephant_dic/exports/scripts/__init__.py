"""Scripts that are copied into the folders of exports, where they import each other by their names."""
