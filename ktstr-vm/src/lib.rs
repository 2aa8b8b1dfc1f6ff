//! The vm backend of ktstr.
