"""nbtracker."""
