//! The linux backend of ktstr.
