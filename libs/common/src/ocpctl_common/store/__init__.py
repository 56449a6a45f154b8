"""The only room that speaks SQL. Functions take the open transaction first and hand out frozen values."""
