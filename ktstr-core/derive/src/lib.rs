//! derive(Payload).
