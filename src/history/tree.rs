//! The tree of an iteration: an exchange, what it was made from, and all that was made from it.

use super::Summary;
use std::collections::{HashMap, HashSet};

/// A chain may be as long as the history: deeper branches are no further indented, and have a dotted arm.
const LEVELS: usize = 12;

/// One exchange of a tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Branch {
    /// Its place in the summaries that were given.
    pub at: usize,
    /// Steps from the root.
    pub depth: usize,
    /// The guides to draw before it, three columns a level: `│  └─ `.
    pub lines: String,
}

/// The whole tree that holds the exchange `id`: the root first, each followed by what was made from it, oldest first.
///
/// Empty when there is no such exchange. One whose parent is gone is a root; of a circle, every member stands once.
pub fn tree(all: &[&Summary], id: &str) -> Vec<Branch> {
    let Some(root) = root(all, id) else { return vec![] };
    let mut children = children(all);
    let mut seen = HashSet::from([root]);
    let mut tree = Vec::new();
    // A stack of its own: the program's would not hold a long chain.
    let mut open = vec![Open { at: root, depth: 0, last: true, trunk: String::new() }];
    while let Some(next) = open.pop() {
        let mut below = children.remove(all[next.at].id.as_str()).unwrap_or_default();
        below.retain(|child| seen.insert(*child));
        let (depth, trunk) = (next.depth + 1, next.trunk_below());
        // The oldest goes on top.
        open.extend(below.iter().rev().enumerate().map(|(from_last, at)| Open {
            at: *at,
            depth,
            last: from_last == 0,
            trunk: trunk.clone(),
        }));
        tree.push(next.branch());
    }
    tree
}

/// The oldest ancestor that is there; in a circle, the last one before it closes.
fn root(all: &[&Summary], id: &str) -> Option<usize> {
    let places: HashMap<&str, usize> = all.iter().enumerate().map(|(at, one)| (one.id.as_str(), at)).collect();
    let parent = |at: usize| all[at].parent.as_deref().and_then(|parent| places.get(parent).copied());
    let mut root = *places.get(id)?;
    let mut seen = HashSet::from([root]);
    while let Some(above) = parent(root).filter(|above| seen.insert(*above)) {
        root = above;
    }
    Some(root)
}

/// By the parent's id, oldest first.
fn children<'a>(all: &[&'a Summary]) -> HashMap<&'a str, Vec<usize>> {
    let mut children: HashMap<&str, Vec<usize>> = HashMap::new();
    for (at, one) in all.iter().enumerate() {
        if let Some(parent) = &one.parent {
            children.entry(parent).or_default().push(at);
        }
    }
    for of_one in children.values_mut() {
        of_one.sort_by_key(|at| (all[*at].time, all[*at].id.as_str()));
    }
    children
}

/// A branch that is still to be drawn.
struct Open {
    at: usize,
    depth: usize,
    /// Whether it is the youngest of its parent.
    last: bool,
    /// The guides of those above it.
    trunk: String,
}

impl Open {
    fn trunk_below(&self) -> String {
        let own = match self.depth {
            1..LEVELS if self.last => "   ",
            1..LEVELS => "│  ",
            _ => "",
        };
        format!("{}{own}", self.trunk)
    }

    fn branch(self) -> Branch {
        let arm = match (self.depth, self.last) {
            (0, _) => "",
            (1..=LEVELS, false) => "├─ ",
            (1..=LEVELS, true) => "└─ ",
            (_, false) => "├┄ ",
            (_, true) => "└┄ ",
        };
        Branch { at: self.at, depth: self.depth, lines: self.trunk + arm }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;

    /// Newest first, as the store gives them.
    fn history(oldest_first: &[(&str, &str)]) -> Vec<Summary> {
        let one = |(second, (id, parent)): (i64, &(&str, &str))| Summary {
            id: (*id).into(),
            time: Timestamp::from_second(second).unwrap(),
            parent: Some((*parent).to_owned()).filter(|parent| !parent.is_empty()),
            ..Summary::default()
        };
        let mut all: Vec<Summary> = (0..).zip(oldest_first).map(one).collect();
        all.reverse();
        all
    }

    fn tree(all: &[Summary], id: &str) -> Vec<Branch> {
        super::tree(&all.iter().collect::<Vec<_>>(), id)
    }

    fn drawn(all: &[Summary], id: &str) -> Vec<String> {
        tree(all, id).iter().map(|branch| format!("{}{}", branch.lines, all[branch.at].id)).collect()
    }

    #[test]
    fn any_member_brings_the_whole_tree() {
        let all = history(&[
            ("root", ""),
            ("other", ""),
            ("b", "root"),
            ("b1", "b"),
            ("c", "root"),
            ("b2", "b"),
            ("c1", "c"),
            ("b1x", "b1"),
            ("lost", "deleted"),
        ]);
        let expected = ["root", "├─ b", "│  ├─ b1", "│  │  └─ b1x", "│  └─ b2", "└─ c", "   └─ c1"];
        for id in ["root", "b1x", "c"] {
            assert_eq!(drawn(&all, id), expected, "{id}");
        }
        assert_eq!(tree(&all, "c1").iter().map(|branch| branch.depth).collect::<Vec<_>>(), [0, 1, 2, 3, 2, 1, 2]);
        assert_eq!(drawn(&all, "other"), ["other"]);
        assert_eq!(drawn(&all, "lost"), ["lost"]);
        assert!(tree(&all, "deleted").is_empty() && tree(&[], "").is_empty());
    }

    #[test]
    fn circles_end() {
        let all = history(&[("self", "self"), ("a", "c"), ("b", "a"), ("c", "b"), ("d", "c")]);
        assert_eq!(drawn(&all, "self"), ["self"]);
        assert_eq!(drawn(&all, "d"), ["a", "└─ b", "   └─ c", "      └─ d"]);
        assert_eq!(tree(&all, "a").len(), 4);
    }

    #[test]
    fn a_chain_of_thousands_is_neither_deep_nor_wide() {
        let names: Vec<String> = (0..20_000).map(|number| number.to_string()).collect();
        let parents = [""].into_iter().chain(names.iter().map(String::as_str));
        let pairs: Vec<(&str, &str)> = names.iter().map(String::as_str).zip(parents).collect();
        let chain = tree(&history(&pairs), "10000");
        assert_eq!(chain.len(), 20_000);
        assert_eq!(chain[LEVELS].lines, format!("{}└─ ", "   ".repeat(LEVELS - 1)));
        let deepest = &chain[19_999];
        assert_eq!((deepest.depth, deepest.at), (19_999, 0));
        assert_eq!(deepest.lines, format!("{}└┄ ", "   ".repeat(LEVELS - 1)));
    }
}
