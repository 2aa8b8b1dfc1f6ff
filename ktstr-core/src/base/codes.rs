//! What the stable codes of errors stand for, as values: `E....` the rules of validation, `F...` faults of a
//! backend, `N...` notes, `T...` and `V...` those of other crates. Each kind of error gives one for each of
//! its codes; messages, `ktstr explain` and the documentation read them.

use serde::Serialize;

/// What a code stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct CodeInfo {
    /// The code, which never changes its meaning.
    pub code: &'static str,
    /// What the code is called in Rust.
    pub name: &'static str,
    /// What is wrong. In rules, words in braces stand for what differs from place to place.
    pub what: &'static str,
    /// What to do about it, with the same words in braces.
    pub cure: &'static str,
    /// Why it is wrong; empty where that is plain.
    pub why: &'static str,
    /// Where it comes from: a document, or what we promise.
    pub source: &'static str,
    /// How it shows.
    pub class: CodeClass,
}

/// How what a code stands for shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CodeClass {
    /// A rule: the action would fail or hang.
    Kernel,
    /// A rule: the action would go through, and something that is promised break.
    Promise,
    /// A fault of a backend.
    Fault,
    /// An error of a scenario file's form.
    File,
    /// An error of the virtual machine.
    Vm,
    /// A note on a scenario that is valid.
    Note,
}

impl CodeClass {
    /// The same as a sentence.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Kernel => "Run all the same, the action at this place would fail or hang.",
            Self::Promise => {
                "Run all the same, it would go through, but not do what was asked for, or leave something behind."
            }
            Self::Fault => "Something that went wrong while a scenario ran, or kept it from running.",
            Self::File => "Something that is wrong with a scenario file before its meaning is looked at.",
            Self::Vm => "Something that went wrong with the virtual machine.",
            Self::Note => {
                "The scenario is valid and runs, but says less than it seems to; no verdict depends on that."
            }
        }
    }
}

/// An enum of which each variant has a code: a row is its documentation, name, code, what is wrong and the
/// cure. Gives it `ALL`, in the order of the rows, `info` and `code`.
#[macro_export]
macro_rules! codes {
    (
        $(#[$meta:meta])*
        pub enum $kind:ident: $class:ident, $source:literal {
            $($(#[$doc:meta])* $name:ident = $code:literal: $what:literal, $cure:literal;)+
        }
    ) => {
        $(#[$meta])*
        pub enum $kind { $($(#[$doc])* $name,)+ }

        impl $kind {
            /// All of them, in the order of their codes.
            pub const ALL: [Self; [$(Self::$name),+].len()] = [$(Self::$name),+];

            /// What its code stands for.
            pub const fn info(self) -> &'static $crate::CodeInfo {
                match self {
                    $(Self::$name => &$crate::CodeInfo {
                        code: $code,
                        name: stringify!($name),
                        what: $what,
                        cure: $cure,
                        why: "",
                        source: $source,
                        class: $crate::CodeClass::$class,
                    },)+
                }
            }

            /// Its stable code.
            pub const fn code(self) -> &'static str {
                self.info().code
            }
        }
    };
}
