//! Skipping a test that this machine cannot run, where that is allowed.

/// Says that a test is skipped and why.
///
/// # Panics
/// If `KTSTR_REQUIRE` names what is missing, `linux` or `vm`.
pub fn skip(what: &str, reason: &str) {
    let required = std::env::var("KTSTR_REQUIRE").unwrap_or_default();
    assert!(!required.split(',').any(|required| required == what), "{what} is required: {reason}");
    println!("SKIP: {reason}");
}
