"""The pages that move money: each a form, a preview, and one call of a service."""
