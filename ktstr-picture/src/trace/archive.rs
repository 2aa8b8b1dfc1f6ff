//! The file of a trace: named byte strings, as the guest read them from tracefs.

const MAGIC: &[u8] = b"ktstr-trace 1\n";

/// All entries, in the order in which they came.
pub(super) struct Archive<'a> {
    entries: Vec<(&'a str, &'a [u8])>,
}

impl<'a> Archive<'a> {
    /// # Errors
    /// When it does not begin as a trace does, or ends inside an entry.
    pub(super) fn read(bytes: &'a [u8]) -> Result<Self, String> {
        let mut rest = bytes.strip_prefix(MAGIC).ok_or("it does not begin as a trace does")?;
        let mut entries = Vec::new();
        while !rest.is_empty() {
            let (name, after) = piece::<2>(rest).ok_or("it ends inside a name")?;
            let (content, after) = piece::<4>(after).ok_or("it ends inside an entry")?;
            let name = std::str::from_utf8(name).map_err(|_| "a name in it is no text")?;
            entries.push((name, content));
            rest = after;
        }
        Ok(Self { entries })
    }

    pub(super) fn get(&self, name: &str) -> Option<&'a [u8]> {
        self.entries.iter().find(|(known, _)| *known == name).map(|(_, content)| *content)
    }

    fn text(&self, name: &str) -> Option<&'a str> {
        self.get(name).and_then(|content| std::str::from_utf8(content).ok())
    }

    pub(super) fn number(&self, name: &str) -> Option<u64> {
        self.text(name)?.trim().parse().ok()
    }

    /// The formats of the events.
    pub(super) fn formats(&self) -> impl Iterator<Item = &'a str> {
        let all = self.entries.iter().filter(|(name, _)| name.ends_with("/format"));
        all.filter_map(|(_, content)| std::str::from_utf8(content).ok())
    }

    /// How many records the kernel dropped on a CPU.
    pub(super) fn lost(&self, cpu: u32) -> u64 {
        let stats = self.text(&format!("cpu{cpu}/stats")).unwrap_or_default();
        let lines = stats.lines().filter_map(|line| line.split_once(':'));
        let lost = lines.filter(|(name, _)| matches!(*name, "overrun" | "commit overrun" | "dropped events"));
        lost.filter_map(|(_, value)| value.trim().parse::<u64>().ok()).fold(0, u64::saturating_add)
    }
}

/// Bytes behind their length, which has `N` bytes itself, and what follows them.
fn piece<const N: usize>(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<N>()?;
    let length = length.iter().rev().fold(0, |length, byte| length << 8 | usize::from(*byte));
    rest.split_at_checked(length)
}
