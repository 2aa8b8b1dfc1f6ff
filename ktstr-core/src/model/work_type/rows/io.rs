//! Rows of work types that read, write, map and wait.

macro_rules! io_rows {
    ($($rows:tt)*) => { work_types! { $($rows)*

    } };
}

pub(in crate::model::work_type) use io_rows;
