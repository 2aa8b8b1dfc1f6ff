//! Changes inputs at random, for the driver that has no coverage to go by.

use ktstr_core::Rng;

/// Makes inputs out of seeds and tokens; the same seed makes the same inputs.
#[derive(Debug)]
pub struct Mutator {
    rng: Rng,
    seeds: Vec<Vec<u8>>,
    tokens: Vec<Vec<u8>>,
    longest: usize,
    exact: bool,
    input: Vec<u8>,
}

impl Mutator {
    /// A source of inputs of at most `longest` bytes.
    pub fn new(seed: u64, seeds: Vec<Vec<u8>>, tokens: Vec<Vec<u8>>, longest: usize) -> Self {
        Self { rng: Rng::new(seed), seeds, tokens, longest, exact: false, input: Vec::with_capacity(longest) }
    }

    /// The same, but no input is shorter: random bytes follow what there is.
    #[must_use]
    pub fn exact(self, exact: bool) -> Self {
        Self { exact, ..self }
    }

    fn below(&mut self, bound: usize) -> usize {
        self.rng.below(bound as u64) as usize
    }

    /// The next input. One in eight is made of nothing but random bytes, the others are seeds with a few
    /// changes; a changed input is now and then changed further instead of a seed.
    pub fn next_input(&mut self) -> &[u8] {
        match self.below(8) {
            0 => {
                let length = self.below(self.longest + 1);
                self.input.clear();
                self.fill(length);
            }
            1..3 if !self.input.is_empty() => {}
            _ if self.seeds.is_empty() => self.input.clear(),
            _ => {
                let at = self.below(self.seeds.len());
                self.input.clear();
                self.input.extend_from_slice(&self.seeds[at]);
            }
        }
        for _ in 0..=self.below(6) {
            self.change();
        }
        self.input.truncate(self.longest);
        if self.exact {
            self.fill(self.longest);
        }
        &self.input
    }

    /// Random bytes after what there is, up to `length` in all.
    fn fill(&mut self, length: usize) {
        while self.input.len() < length {
            let bytes = self.rng.next_u64().to_le_bytes();
            let count = bytes.len().min(length - self.input.len());
            self.input.extend_from_slice(&bytes[..count]);
        }
    }

    fn change(&mut self) {
        let length = self.input.len();
        let at = self.below(length + 1);
        match self.below(9) {
            0 if at < length => self.input[at] ^= 1 << self.below(8),
            1 | 2 if at < length => self.input[at] = self.rng.next_u64() as u8,
            3 if at < length => {
                self.input[at] = self.input[at].wrapping_add(if self.below(2) == 0 { 1 } else { 255 })
            }
            4 => {
                let end = (at + 1 + self.below(8)).min(length);
                self.input.drain(at.min(end)..end);
            }
            5 => {
                let bytes = self.rng.next_u64().to_le_bytes();
                let count = 1 + self.below(8);
                self.insert(at, &bytes[..count]);
            }
            6 if !self.tokens.is_empty() => {
                let token = self.tokens[self.rng.below(self.tokens.len() as u64) as usize].clone();
                self.insert(at, &token);
            }
            7 if !self.seeds.is_empty() => {
                let other = self.rng.below(self.seeds.len() as u64) as usize;
                let from = self.below(self.seeds[other].len() + 1);
                let piece = self.seeds[other][from..].iter().take(64).copied().collect::<Vec<_>>();
                self.insert(at, &piece);
            }
            8 => {
                let end = (at + self.below(32)).min(length);
                let piece = self.input[at.min(end)..end].to_vec();
                self.insert(at, &piece);
            }
            _ => self.input.push(0),
        }
    }

    fn insert(&mut self, at: usize, bytes: &[u8]) {
        if self.input.len() + bytes.len() <= self.longest {
            self.input.splice(at..at, bytes.iter().copied());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_makes_the_same_inputs_within_bounds() {
        let source = || Mutator::new(3, vec![b"seed".to_vec()], vec![b"token".to_vec()], 40);
        let (mut one, mut two) = (source(), source());
        for _ in 0..10_000 {
            assert_eq!(one.next_input(), two.next_input());
            assert!(one.input.len() <= 40);
        }
    }
}
