//! Validation against the mock: what is accepted runs clean, what is refused goes wrong where the error says.

use crate::search::theorem::Court;
use ktstr_gen::hostile::with_scenario;
use std::cell::RefCell;

thread_local! {
    static COURT: RefCell<Court> = RefCell::new(Court::new());
}

/// The target.
pub fn run(bytes: &[u8]) {
    let verdict =
        COURT.with_borrow_mut(|court| with_scenario(bytes, |scenario| court.try_scenario(scenario)));
    if let Err(why) = verdict {
        panic!("{why}");
    }
}
