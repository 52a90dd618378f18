"""The visitor's pages. They work without cookies and without JavaScript."""
