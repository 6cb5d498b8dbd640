"""What several tests use: writers of vendor formats, golden values, toy neurons."""
