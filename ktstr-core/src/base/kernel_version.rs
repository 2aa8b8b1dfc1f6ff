//! The release of a kernel, as far as it matters what a kernel can do.

use serde::{Deserialize, Serialize};

/// A kernel release, as in 6.12.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct KernelVersion {
    /// The 6 of 6.12.
    pub major: u16,
    /// The 12 of 6.12.
    pub minor: u16,
}

impl KernelVersion {
    /// 6.1, a long-term kernel.
    pub const V6_1: Self = Self::new(6, 1);
    /// 6.12, a long-term kernel.
    pub const V6_12: Self = Self::new(6, 12);
    /// 6.18, a long-term kernel.
    pub const V6_18: Self = Self::new(6, 18);
    /// The newest that this project was tried with.
    pub const NEWEST: Self = Self::new(7, 2);

    /// Release `major.minor`.
    pub const fn new(major: u16, minor: u16) -> Self {
        Self { major, minor }
    }

    /// Whether it is this release or a later one.
    pub const fn at_least(self, major: u16, minor: u16) -> bool {
        self.major > major || self.major == major && self.minor >= minor
    }

    /// The release that a kernel says of itself, as in `6.12.117+deb12-cloud-amd64`: what follows the second
    /// number does not matter.
    pub fn of_release(release: &str) -> Option<Self> {
        let mut numbers = release.splitn(3, |c: char| !c.is_ascii_digit());
        Some(Self::new(numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
    }
}

impl Default for KernelVersion {
    fn default() -> Self {
        Self::NEWEST
    }
}

impl core::fmt::Display for KernelVersion {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

/// A text that is not two numbers with a dot between them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("write a release as in 6.13")]
pub struct ParseVersionError;

impl core::str::FromStr for KernelVersion {
    type Err = ParseVersionError;

    /// Reads what [`Display`](core::fmt::Display) writes, and nothing else.
    fn from_str(text: &str) -> Result<Self, ParseVersionError> {
        let number = |part: &str| {
            let plain = part.bytes().all(|byte| byte.is_ascii_digit());
            part.parse::<u16>().ok().filter(|_| plain).ok_or(ParseVersionError)
        };
        let (major, minor) = text.split_once('.').ok_or(ParseVersionError)?;
        Ok(Self::new(number(major)?, number(minor)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_from_texts_and_from_releases() {
        for (text, strict, release) in [
            ("6.13", Some((6, 13)), Some((6, 13))),
            ("6.12.117+deb12-cloud-amd64", None, Some((6, 12))),
            ("7.2-rc1", None, Some((7, 2))),
            ("6", None, None),
            ("+6.1", None, None),
            ("6.65536", None, None),
            ("", None, None),
        ] {
            let pair = |version: KernelVersion| (version.major, version.minor);
            assert_eq!(text.parse().ok().map(pair), strict, "{text:?}");
            assert_eq!(KernelVersion::of_release(text).map(pair), release, "{text:?}");
        }
        assert!(KernelVersion::new(7, 0) > KernelVersion::V6_18);
    }
}
