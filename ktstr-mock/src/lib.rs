//! The mock backend of ktstr.
