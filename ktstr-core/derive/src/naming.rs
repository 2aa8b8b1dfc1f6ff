//! The name of the static: the struct's name less `Payload`, in upper snake case.

/// `BgLoadPayload` gives `BG_LOAD`; `None` when nothing is left, or what is left is the struct's own name.
pub(crate) fn static_name(structure: &str) -> Option<String> {
    let stem = structure.strip_suffix("Payload").unwrap_or(structure);
    let name = upper_snake(stem);
    (!name.is_empty() && name != structure).then_some(name)
}

fn upper_snake(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    let mut snake = String::new();
    for (at, &letter) in letters.iter().enumerate() {
        if letter.is_uppercase() && starts_a_word(&letters, at) {
            snake.push('_');
        }
        snake.extend(letter.to_uppercase());
    }
    snake
}

/// Whether the upper case letter at `at` starts a word: after a lower case letter or a digit, and before a
/// lower case letter where several upper case ones stand together (`HTTPLoad`).
fn starts_a_word(letters: &[char], at: usize) -> bool {
    let Some(&before) = at.checked_sub(1).and_then(|at| letters.get(at)) else { return false };
    let lower_next = letters.get(at + 1).is_some_and(|next| next.is_lowercase());
    before != '_' && (!before.is_uppercase() || lower_next)
}

#[cfg(test)]
mod tests {
    use super::static_name;

    #[test]
    fn names_lose_payload_and_get_underscores() {
        for (structure, name) in [
            ("BgLoadPayload", Some("BG_LOAD")),
            ("BgLoad", Some("BG_LOAD")),
            ("FioPayload", Some("FIO")),
            ("HTTPLoadPayload", Some("HTTP_LOAD")),
            ("StressNG2Payload", Some("STRESS_NG2")),
            ("Load2GoPayload", Some("LOAD2_GO")),
            ("Bg_LoadPayload", Some("BG_LOAD")),
            ("PayloadPayload", Some("PAYLOAD")),
            ("Payload", None),
            ("X", None),
            ("XPayload", Some("X")),
        ] {
            assert_eq!(static_name(structure).as_deref(), name, "{structure}");
        }
    }
}
