"""The theme Atelier: data alone."""
