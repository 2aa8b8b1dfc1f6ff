//! Who gets how much CPU time. Shares are worked out anew whenever something has changed, and hold until the
//! next change; nothing is simulated tick by tick.

pub(crate) mod demand;
pub(crate) mod shares;
pub(crate) mod worker;
