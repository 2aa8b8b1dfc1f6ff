//! What is wrong with a scenario, and where: one broken rule at one place, with the words to fill its texts
//! in. The texts themselves are in [`crate::validate::rules`].

use crate::base::terminal::{escape, split_first};
use crate::base::text::Text;
use crate::model::field::{FieldInfo, FieldKind, FieldValue};
use crate::model::site::Site;
use crate::validate::rules::{Class, ErrorKind, Rule};
use core::time::Duration;

/// Room for the longest message.
pub const MESSAGE: usize = 1024;

/// How much of a name a message shows.
const NAME: usize = 96;

/// A number in a message.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Value {
    /// Nothing to say.
    None,
    /// A count.
    Count(u64),
    /// A number that can be negative.
    Signed(i64),
    /// A fraction.
    Real(f64),
    /// A time.
    Time(Duration),
}

impl Value {
    /// A plain value of a field.
    pub(crate) const fn of(value: FieldValue) -> Self {
        match value {
            FieldValue::Time(time) => Self::Time(time),
            FieldValue::Count(count) => Self::Count(count),
            FieldValue::Word(index) => Self::Count(index as u64),
            FieldValue::Flag(flag) => Self::Count(flag as u64),
        }
    }

    /// The end of a field's range, where it has one.
    pub(crate) const fn most_of(kind: FieldKind) -> Self {
        match kind.ends() {
            Some([_, most]) => Self::of(most),
            None => Self::None,
        }
    }
}

/// A broken rule. Displays as `steps[1].ops[2]: [E0201] what is wrong; what to do`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Invalid<'a> {
    /// Which rule.
    pub kind: ErrorKind,
    /// The rule that a later round of a loop breaks, for [`ErrorKind::CannotRepeat`].
    pub cause: Option<ErrorKind>,
    /// Where.
    pub site: Site,
    /// The cgroup, payload or check that it is about; may be empty.
    pub name: &'a str,
    /// A second name; may be empty.
    pub other: &'a str,
    /// The field that it is about, if it is about one of a table. Its range ends at `limit`.
    pub field: Option<&'static FieldInfo>,
    /// The key of the part at `site` that it is about, as scenario files spell it; empty where the rule alone
    /// says, see [`keys`](Self::keys).
    pub key: &'static str,
    /// Which of the definition's groups of workers it is about, where it is about one of them.
    pub work: Option<u32>,
    /// The number that is wrong.
    pub value: Value,
    /// What it was held against.
    pub limit: Value,
}

impl<'a> Invalid<'a> {
    /// Fills unused places of a list of findings.
    pub const FILLER: Self = Self::new(ErrorKind::StorageTooSmall, Site::Scenario, "");

    /// A broken rule with one name.
    pub const fn new(kind: ErrorKind, site: Site, name: &'a str) -> Self {
        Self {
            kind,
            cause: None,
            site,
            name,
            other: "",
            field: None,
            key: "",
            work: None,
            value: Value::None,
            limit: Value::None,
        }
    }

    /// Its stable code.
    pub const fn code(&self) -> &'static str {
        self.kind.code()
    }

    /// The rule.
    pub const fn rule(&self) -> &'static Rule {
        self.kind.rule()
    }

    /// How it shows when the scenario is forced to run: the class of the rule, or of the rule that a later
    /// round breaks.
    pub const fn class(&self) -> Class {
        match self.cause {
            Some(cause) => cause.rule().class,
            None => self.kind.rule().class,
        }
    }

    /// The keys that it can be about, as scenario files spell them, the likeliest first; none where it is
    /// about a name, or about the whole part.
    pub fn keys(&self) -> impl Iterator<Item = &'static str> {
        let said = [self.key, self.field.map_or("", |field| field.key)];
        let rule = self.cause.unwrap_or(self.kind);
        said.into_iter().filter(|key| !key.is_empty()).chain(rule.keys().iter().copied())
    }

    /// The whole message.
    pub const fn to_text(&self) -> Text<MESSAGE> {
        let mut text = Text::new();
        text.push_str(self.site.to_text().as_str());
        text.push_str(": [");
        text.push_str(self.code());
        text.push_str("] ");
        self.render(&mut text, self.rule().what);
        text.push_str("; ");
        self.render(&mut text, self.rule().cure);
        text
    }

    /// What is wrong, without place, code and cure.
    pub const fn what(&self) -> Text<MESSAGE> {
        self.filled(self.rule().what)
    }

    /// What to do about it.
    pub const fn cure(&self) -> Text<MESSAGE> {
        self.filled(self.rule().cure)
    }

    /// A template with its placeholders filled in.
    pub(crate) const fn filled(&self, template: &str) -> Text<MESSAGE> {
        let mut text = Text::new();
        self.render(&mut text, template);
        text
    }

    /// Writes a template with its placeholders filled in.
    const fn render(&self, text: &mut Text<MESSAGE>, template: &str) {
        let mut rest = template;
        while let Some(open) = position(rest, b'{') {
            let (before, from) = rest.split_at(open);
            text.push_str(before);
            let Some(close) = position(from, b'}') else { break };
            let (placeholder, after) = from.split_at(close + 1);
            let mut after = after;
            match placeholder.as_bytes() {
                b"{name}" => push_name(text, self.name),
                b"{other}" => push_name(text, self.other),
                b"{field}" => self.render_field(text),
                b"{range}" => self.render_range(text),
                b"{value}" => after = push_counted(text, self.value, after),
                b"{limit}" => after = push_counted(text, self.limit, after),
                b"{cause}" => self.render_cause(text),
                _ => text.push_str(placeholder),
            }
            rest = after;
        }
        text.push_str(rest);
    }

    const fn render_field(&self, text: &mut Text<MESSAGE>) {
        if let Some(field) = self.field {
            text.push_str(field.key);
        }
    }

    /// The range of its field; an end that is the type's own is not worth saying.
    const fn render_range(&self, text: &mut Text<MESSAGE>) {
        let Some(field) = self.field else { return };
        let least = match field.kind.ends() {
            Some([least, _]) => Value::of(least),
            None => Value::None,
        };
        let open = match self.limit {
            Value::Time(most) => most.as_secs() == u64::MAX,
            Value::Count(most) => most >= u32::MAX as u64,
            Value::None | Value::Signed(_) | Value::Real(_) => true,
        };
        text.push_str(if open { "at least " } else { "from " });
        push_value(text, least);
        if !open {
            text.push_str(" to ");
            push_value(text, self.limit);
        }
    }

    const fn render_cause(&self, text: &mut Text<MESSAGE>) {
        if let Some(cause) = self.cause
            && !matches!(cause, ErrorKind::CannotRepeat)
        {
            self.render(text, cause.rule().what);
            text.push_str(" (");
            text.push_str(cause.code());
            text.push_str(")");
        }
    }
}

const fn position(text: &str, byte: u8) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at] == byte {
            return Some(at);
        }
        at += 1;
    }
    None
}

/// A name on one line, with all escaped that acts on a terminal, cut when it is long.
const fn push_name(text: &mut Text<MESSAGE>, name: &str) {
    let mut shown = Text::<NAME>::new();
    let mut rest = name;
    while let Some((character, after)) = split_first(rest)
        && !shown.is_cut()
    {
        match escape(character) {
            Some(escaped) => shown.push_str(escaped.as_str()),
            None => shown.push_str(rest.split_at(rest.len() - after.len()).0),
        }
        rest = after;
    }
    text.push_str(shown.as_str());
}

/// Writes a number; where it is one, the word that follows loses its plural s. What follows then is the
/// answer.
const fn push_counted<'t>(text: &mut Text<MESSAGE>, value: Value, after: &'t str) -> &'t str {
    push_value(text, value);
    let bytes = after.as_bytes();
    let mut end = 1;
    while end < bytes.len() && bytes[end].is_ascii_alphabetic() {
        end += 1;
    }
    // The shortest such word is `bits`; `us` are microseconds.
    if !matches!(value, Value::Count(1))
        || bytes.is_empty()
        || bytes[0] != b' '
        || end < 5
        || bytes[end - 1] != b's'
    {
        return after;
    }
    let (word, rest) = after.split_at(end);
    text.push_str(word.split_at(end - 1).0);
    rest
}

const fn push_value(text: &mut Text<MESSAGE>, value: Value) {
    match value {
        Value::None => text.push_str("none"),
        Value::Count(count) => text.push_u64(count),
        Value::Signed(number) => {
            if number < 0 {
                text.push_str("-");
            }
            text.push_u64(number.unsigned_abs());
        }
        Value::Real(number) => push_real(text, number),
        Value::Time(time) => push_time(text, time),
    }
}

/// Six decimals at most, without trailing zeros.
const fn push_real(text: &mut Text<MESSAGE>, number: f64) {
    if number.is_nan() {
        text.push_str("NaN");
        return;
    }
    if number < 0.0 {
        text.push_str("-");
    }
    let size = number.abs();
    if size.is_infinite() {
        text.push_str("infinity");
    } else if size >= 1e12 {
        text.push_str("more than 1000000000000");
    } else {
        push_decimal(text, (size * 1e6 + 0.5) as u64, 1_000_000);
    }
}

const fn push_time(text: &mut Text<MESSAGE>, time: Duration) {
    let nanos = time.as_nanos();
    if nanos > u64::MAX as u128 {
        text.push_u64(time.as_secs());
        text.push_str("s");
    } else if nanos >= 1_000_000_000 {
        push_decimal(text, nanos as u64, 1_000_000_000);
        text.push_str("s");
    } else if nanos >= 1_000_000 {
        push_decimal(text, nanos as u64, 1_000_000);
        text.push_str("ms");
    } else if nanos >= 1_000 {
        push_decimal(text, nanos as u64, 1_000);
        text.push_str("us");
    } else {
        text.push_u64(nanos as u64);
        text.push_str("ns");
    }
}

/// `number / unit`, where `unit` is a power of ten.
const fn push_decimal(text: &mut Text<MESSAGE>, number: u64, unit: u64) {
    text.push_u64(number / unit);
    let mut rest = number % unit;
    if rest == 0 {
        return;
    }
    text.push_str(".");
    let mut place = unit / 10;
    while rest > 0 {
        text.push_u64(rest / place);
        rest %= place;
        place /= 10;
    }
}

impl core::fmt::Display for Invalid<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(self.to_text().as_str())
    }
}

impl core::error::Error for Invalid<'_> {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::site::Part;
    extern crate std;
    use std::string::{String, ToString};

    #[test]
    fn a_message_names_place_code_fault_and_cure() {
        let site = Site::Step { step: 1, part: Part::Op(2) };
        let invalid = Invalid::new(ErrorKind::CgroupUnknown, site, "bg\n");
        assert_eq!(
            invalid.to_string(),
            "steps[1].ops[2]: [E0201] no cgroup `bg\\n` has been made; declare it before this place, in the Backdrop \
             or in the same step, or correct the name"
        );
        let again =
            Invalid { kind: ErrorKind::CannotRepeat, cause: Some(ErrorKind::CgroupDuplicate), ..invalid };
        assert!(
            again.to_string().contains("in a later round `bg\\n` exists already (E0202); undo"),
            "{again}"
        );
    }

    #[test]
    fn nothing_in_a_name_acts_on_a_terminal() {
        let acting: String = ('\0'..=char::MAX).filter(|c| crate::base::terminal::acts(*c)).collect();
        for part in acting.chars() {
            let name: String = ['a', part, 'ä'].into_iter().collect();
            let shown = Invalid::new(ErrorKind::CgroupUnknown, Site::Scenario, &name).to_string();
            assert!(!shown.chars().any(crate::base::terminal::acts), "{shown:?}");
            assert!(shown.contains(&std::format!("`a{}ä`", part.escape_debug())), "{shown}");
        }
    }

    #[test]
    fn values_read_as_people_write_them() {
        for (value, shown) in [
            (Value::Count(7), "7"),
            (Value::Signed(-21), "-21"),
            (Value::Real(1.5), "1.5"),
            (Value::Real(-0.25), "-0.25"),
            (Value::Real(f64::NAN), "NaN"),
            (Value::Real(f64::NEG_INFINITY), "-infinity"),
            (Value::Real(1e300), "more than 1000000000000"),
            (Value::Time(Duration::from_millis(1050)), "1.05s"),
            (Value::Time(Duration::from_micros(1500)), "1.5ms"),
            (Value::Time(Duration::from_nanos(1001)), "1.001us"),
            (Value::Time(Duration::ZERO), "0ns"),
            (Value::Time(Duration::MAX), "18446744073709551615s"),
        ] {
            let mut text = Text::new();
            push_value(&mut text, value);
            assert_eq!(text.as_str(), shown);
        }
    }

    #[test]
    fn the_longest_message_is_not_cut() {
        let long: String = "ä\0".repeat(400);
        for rule in crate::validate::rules::RULES {
            let invalid = Invalid {
                other: &long,
                cause: Some(ErrorKind::CgroupShadows),
                value: Value::Real(f64::MAX),
                limit: Value::Time(Duration::MAX),
                ..Invalid::new(rule.kind, Site::Step { step: u32::MAX, part: Part::Op(u32::MAX) }, &long)
            };
            assert!(!invalid.to_text().is_cut(), "{}", rule.code);
            assert!(!invalid.to_string().contains(['{', '}']), "{invalid}");
        }
    }
}
