//! What can be wrong with a scenario file before its meaning is looked at: the codes `T001` and up.

/// What is wrong, by kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Code {
    /// The file cannot be opened or read.
    Unreadable,
    /// The file is no text.
    NotText,
    /// The file is too large.
    TooLarge,
    /// The file says nothing.
    Empty,
    /// The file is no TOML.
    Syntax,
    /// A key that nothing reads.
    UnknownKey,
    /// A key that has to be there is not.
    MissingKey,
    /// A value of another type than the key takes.
    WrongType,
    /// A text that is no duration.
    BadDuration,
    /// A text that is no size.
    BadSize,
    /// A text that is no list of CPUs or nodes.
    BadList,
    /// A word that is not among those the key takes.
    UnknownWord,
    /// A number outside what the key takes.
    OutOfRange,
    /// Keys that exclude each other.
    Conflict,
    /// A payload that is not defined.
    UnknownPayload,
    /// A payload that is defined twice.
    PayloadTwice,
    /// More items than a list holds.
    TooMany,
    /// The file has more errors than are listed.
    MoreErrors,
}

impl Code {
    /// All codes, in order.
    pub const ALL: [Self; 18] = [
        Self::Unreadable,
        Self::NotText,
        Self::TooLarge,
        Self::Empty,
        Self::Syntax,
        Self::UnknownKey,
        Self::MissingKey,
        Self::WrongType,
        Self::BadDuration,
        Self::BadSize,
        Self::BadList,
        Self::UnknownWord,
        Self::OutOfRange,
        Self::Conflict,
        Self::UnknownPayload,
        Self::PayloadTwice,
        Self::TooMany,
        Self::MoreErrors,
    ];

    /// The stable code, what it means, and more about the cure.
    pub const fn texts(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Unreadable => {
                ("T001", "the file cannot be read", "check the path and that you may read the file")
            }
            Self::NotText => (
                "T002",
                "the file is not text",
                "a scenario file is TOML in UTF-8, without control characters; check that it is the right file",
            ),
            Self::TooLarge => (
                "T003",
                "the file is too large",
                "a scenario file has at most 8 MiB; generate larger scenarios in Rust",
            ),
            Self::Empty => (
                "T004",
                "the file is empty",
                "start from a file in scenarios/; the least is a name and one step or cgroup",
            ),
            Self::Syntax => ("T005", "the file is not TOML", "see https://toml.io for the syntax"),
            Self::UnknownKey => (
                "T006",
                "this key is not known here",
                "correct it or remove it; the JSON Schema of scenario files lists all keys",
            ),
            Self::MissingKey => ("T007", "a key is missing", "add it"),
            Self::WrongType => ("T008", "the value has the wrong type", "write it as the message says"),
            Self::BadDuration => (
                "T009",
                "this is not a duration",
                "write a number and one of ns, us, ms, s, min, h, as in \"1.5s\" or \"250ms\"",
            ),
            Self::BadSize => (
                "T010",
                "this is not a size",
                "write bytes, or a number and one of K, M, G, T (powers of 1024), as in \"64M\" or \"1.5GiB\"",
            ),
            Self::BadList => (
                "T011",
                "this is not a list of numbers",
                "write numbers and ranges with commas between, as in \"0-3,5\"",
            ),
            Self::UnknownWord => {
                ("T012", "this word is not known here", "use one of the words in the message")
            }
            Self::OutOfRange => {
                ("T013", "the number is out of range", "use a number in the range of the message")
            }
            Self::Conflict => ("T014", "these keys exclude each other", "keep one of them"),
            Self::UnknownPayload => (
                "T015",
                "no payload of this name is defined",
                "define it with [[payload]], or correct the name",
            ),
            Self::PayloadTwice => (
                "T016",
                "two payloads have the same name",
                "rename one, or give one an `id` and use that in the rest of the file",
            ),
            Self::TooMany => (
                "T017",
                "the list has too many items",
                "spread the workers over more cgroups: one holds at most four groups",
            ),
            Self::MoreErrors => {
                ("T018", "there are more errors than are listed", "correct those listed and check again")
            }
        }
    }

    /// The stable code, as in `T005`.
    pub const fn code(self) -> &'static str {
        self.texts().0
    }
}

/// One error of a scenario file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileError {
    /// What is wrong, by kind.
    pub code: Code,
    /// Line, from 1; 0 when the file as a whole is meant.
    pub line: u32,
    /// Column in characters, from 1; 0 when the file as a whole is meant.
    pub column: u32,
    /// What is wrong here.
    pub message: String,
    /// What to do about it, one sentence.
    pub cure: String,
}

impl FileError {
    /// An error of the file as a whole, with the usual cure.
    pub fn whole(code: Code, message: impl Into<String>) -> Self {
        Self { code, line: 0, column: 0, message: message.into(), cure: code.texts().2.to_owned() }
    }
}

impl core::fmt::Display for FileError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        if self.line > 0 {
            write!(f, "{}:{}: ", self.line, self.column)?;
        }
        write!(f, "[{}] {}; {}", self.code.code(), self.message, self.cure)
    }
}

impl core::error::Error for FileError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_in_order_and_stand_once() {
        for (position, code) in Code::ALL.into_iter().enumerate() {
            assert_eq!(code.code(), format!("T{:03}", position + 1));
        }
    }
}
