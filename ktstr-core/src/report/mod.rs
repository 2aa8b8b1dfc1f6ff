//! What a run leaves behind: its summary, the reports of workers, the last words of payloads.

pub(crate) mod group_phase;
pub(crate) mod last_words;
pub(crate) mod summary;
pub(crate) mod worker_report;
