//! The few things used last, by key, within a number and a size.

/// Things and bytes that are kept at most.
const MOST: (usize, usize) = (8, 16 << 20);

struct Thing<T> {
    key: u64,
    bytes: usize,
    value: T,
}

/// Ordered by their last use, the oldest first.
pub struct Recent<T> {
    things: Vec<Thing<T>>,
}

impl<T> Recent<T> {
    pub fn new() -> Self {
        Recent { things: Vec::new() }
    }

    pub fn get(&self, key: u64) -> Option<&T> {
        self.things.iter().find(|thing| thing.key == key).map(|thing| &thing.value)
    }

    pub fn has(&self, key: u64) -> bool {
        self.get(key).is_some()
    }

    /// The thing, which counts as used now.
    pub fn take_up(&mut self, key: u64) -> Option<&mut T> {
        let at = self.things.iter().position(|thing| thing.key == key)?;
        self.things[at..].rotate_left(1);
        self.things.last_mut().map(|thing| &mut thing.value)
    }

    /// Keeps one more and returns those that had to go for it; the newest stays, however large.
    pub fn put(&mut self, key: u64, bytes: usize, value: T) -> Vec<T> {
        let mut gone: Vec<T> = self.remove(key).into_iter().collect();
        self.things.push(Thing { key, bytes, value });
        while self.things.len() > 1 && (self.things.len() > MOST.0 || self.bytes() > MOST.1) {
            gone.push(self.things.remove(0).value);
        }
        gone
    }

    pub fn remove(&mut self, key: u64) -> Option<T> {
        let at = self.things.iter().position(|thing| thing.key == key)?;
        Some(self.things.remove(at).value)
    }

    pub fn clear(&mut self) {
        self.things.clear();
    }

    pub fn values(&self) -> impl Iterator<Item = &T> {
        self.things.iter().map(|thing| &thing.value)
    }

    fn bytes(&self) -> usize {
        self.things.iter().map(|thing| thing.bytes).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_used_longest_ago_goes_first() {
        let mut recent = Recent::new();
        for key in 0..8 {
            assert!(recent.put(key, 1, key).is_empty());
        }
        assert_eq!(recent.take_up(0), Some(&mut 0));
        assert_eq!(recent.put(8, 1, 8), [1]);
        assert_eq!(recent.put(9, MOST.1 - 2, 9), [2, 3, 4, 5, 6, 7], "no more than so many bytes");
        assert_eq!(recent.values().copied().collect::<Vec<u64>>(), [0, 8, 9]);
        assert_eq!(recent.put(10, 2 * MOST.1, 10), [0, 8, 9], "too large alone, and kept");
        assert_eq!(recent.put(10, 1, 11), [10], "replaced");
        assert_eq!((recent.remove(10), recent.has(10), recent.take_up(10)), (Some(11), false, None));
    }
}
