//! What can be wrong with a scenario file before its meaning is looked at: the codes `T001` and up.

use ktstr_core::codes;

codes! {
    /// What is wrong, by kind.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
    pub enum Code: File, "the form of scenario files, as their JSON Schema says it" {
        /// The file cannot be opened or read.
        Unreadable = "T001": "the file cannot be read", "check the path and that you may read the file";
        /// The file is no text.
        NotText = "T002": "the file is not text",
            "a scenario file is TOML in UTF-8, without control characters; check that it is the right file";
        /// The file is too large.
        TooLarge = "T003": "the file is too large",
            "a scenario file has at most 8 MiB; generate larger scenarios in Rust";
        /// The file says nothing.
        Empty = "T004": "the file is empty",
            "start from a file in scenarios/; the least is a name and one step or cgroup";
        /// The file is no TOML.
        Syntax = "T005": "the file is not TOML", "see https://toml.io for the syntax";
        /// A key that nothing reads.
        UnknownKey = "T006": "this key is not known here",
            "correct it or remove it; the JSON Schema of scenario files lists all keys";
        /// A key that has to be there is not.
        MissingKey = "T007": "a key is missing", "add it";
        /// A value of another type than the key takes.
        WrongType = "T008": "the value has the wrong type",
            "write a value of the type that the message names: text in quotes, numbers and true or false without";
        /// A text that is no duration.
        BadDuration = "T009": "this is not a duration",
            "write a number and one of ns, us, ms, s, min, h, as in \"1.5s\" or \"250ms\"";
        /// A text that is no size.
        BadSize = "T010": "this is not a size",
            "write bytes, or a number and one of K, M, G, T (powers of 1024), as in \"64M\" or \"1.5GiB\"";
        /// A text that is no list of CPUs or nodes.
        BadList = "T011": "this is not a list of numbers",
            "write numbers and ranges with commas between, as in \"0-3,5\"";
        /// A word that is not among those the key takes.
        UnknownWord = "T012": "this word is not known here", "use one of the words in the message";
        /// A number outside what the key takes.
        OutOfRange = "T013": "the number is out of range", "use a number in the range of the message";
        /// Keys that exclude each other.
        Conflict = "T014": "these keys exclude each other", "keep one of them";
        /// A payload that is not defined.
        UnknownPayload = "T015": "no payload of this name is defined",
            "define it with [[payload]], or correct the name";
        /// A payload that is defined twice.
        PayloadTwice = "T016": "two payloads have the same name",
            "rename one, or give one an `id` and use that in the rest of the file";
        /// More items than a list holds.
        TooMany = "T017": "the list has too many items",
            "spread the workers over more cgroups: one holds at most four groups";
        /// The file has more errors than are listed.
        MoreErrors = "T018": "there are more errors than are listed", "correct those listed and check again";
        /// A scheduler that is not defined.
        UnknownScheduler = "T019": "no scheduler of this name is defined",
            "define it with [[scheduler]], or correct the name";
        /// A scheduler that is defined twice.
        SchedulerTwice = "T020": "two schedulers have the same name",
            "rename one, or give one an `id` and use that in the rest of the file";
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
        Self { code, line: 0, column: 0, message: message.into(), cure: code.info().cure.to_owned() }
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
