//! `List` and `Elem`: partition lists and their elements, plain structs that applications read,
//! write and reorder themselves.
//!
//! Everything is on the C heap: the list, its array, and per element the topic name, the metadata
//! and a hidden part with the leader epoch. The application owns a list; these types reach every
//! field of it, and two users are kept apart by the application alone.

use std::cmp::Ordering;
use std::ffi::{CStr, c_char, c_int, c_void};
use std::mem::size_of;
use std::ptr::NonNull;
use std::sync::OnceLock;

use crate::abi::public::{rd_kafka_topic_partition_list_t, rd_kafka_topic_partition_t};
use crate::own::mark::{self, Mark};
use crate::sys::heap;

/// The offset of an element that has none.
pub(crate) const OFFSET_INVALID: i64 = -1001;
/// The leader epoch of an element that has none.
pub(crate) const NO_LEADER_EPOCH: i32 = -1;

/// How much of an application's estimate of the element count is believed.
const CAPACITY_MAX: c_int = 65_536;
/// A list of two and more elements grows by at least so many.
const GROWTH_MIN: c_int = 32;

/// The hidden part of an element. A peer's begins with a pointer: it is told apart and left alone.
#[repr(C)]
struct Private {
    mark: Mark,
    leader_epoch: i32,
}

/// What a peer does with hidden parts of its own.
#[derive(Clone, Copy)]
pub(crate) struct Foreign {
    /// Frees all that an element has, and leaves it empty.
    pub(crate) free: fn(&mut rd_kafka_topic_partition_t),
    /// A copy of an element's hidden part.
    pub(crate) copy: fn(&rd_kafka_topic_partition_t) -> *mut c_void,
    /// Its leader epoch.
    pub(crate) leader_epoch: fn(&rd_kafka_topic_partition_t) -> i32,
    /// Sets its leader epoch.
    pub(crate) set_leader_epoch: fn(&mut rd_kafka_topic_partition_t, i32),
}

static FOREIGN: OnceLock<Foreign> = OnceLock::new();

/// A peer was opened; the first call counts.
pub(crate) fn set_foreign(foreign: Foreign) {
    let _ = FOREIGN.set(foreign);
}

/// Who knows the hidden part of an element, if it is not ours.
fn foreign(elem: &rd_kafka_topic_partition_t) -> Option<&'static Foreign> {
    if elem._private.is_null() || private(elem).is_some() { None } else { FOREIGN.get() }
}

/// The comparison function of an application: two elements and its opaque pointer.
pub(crate) type Comparison =
    unsafe extern "C-unwind" fn(*const c_void, *const c_void, *mut c_void) -> c_int;

unsafe extern "C-unwind" {
    /// Of the C library; declared here because the comparison may unwind.
    fn qsort_r(base: *mut c_void, count: usize, size: usize, cmp: Comparison, opaque: *mut c_void);
}

/// A list of C code, valid and not used by anybody else while this value is.
pub(crate) struct List(NonNull<rd_kafka_topic_partition_list_t>);

impl List {
    /// A new list with room for `capacity` elements, a hint. C code owns it in the end.
    pub(crate) fn new(capacity: c_int) -> Self {
        let list = heap::calloc(size_of::<rd_kafka_topic_partition_list_t>());
        // SAFETY: `calloc` never answers NULL, and a zeroed list is an empty list.
        let mut list = unsafe { Self(NonNull::new_unchecked(list).cast()) };
        if capacity > 0 {
            list.resize(capacity.min(CAPACITY_MAX));
        }
        list
    }

    /// A list of C code; `None` for NULL.
    ///
    /// # Safety
    /// `list` is NULL or a live list whose `cnt` elements are live, and nobody else uses it as long
    /// as the answer is used.
    pub(crate) unsafe fn from_raw(list: *mut rd_kafka_topic_partition_list_t) -> Option<Self> {
        NonNull::new(list).map(Self)
    }

    /// The list for C code.
    pub(crate) fn as_ptr(&self) -> *mut rd_kafka_topic_partition_list_t {
        self.0.as_ptr()
    }

    /// Destroys the list and all it owns.
    pub(crate) fn destroy(mut self) {
        for elem in self.elems_mut() {
            clear(elem);
        }
        // SAFETY: list and array came from the C heap, and `self` ends here.
        unsafe {
            heap::free((*self.0.as_ptr()).elems);
            heap::free(self.0.as_ptr());
        }
    }

    /// The elements.
    pub(crate) fn elems(&self) -> &[rd_kafka_topic_partition_t] {
        // SAFETY: the list is live and has `cnt` live elements (`from_raw`).
        unsafe {
            let list = self.0.as_ref();
            match usize::try_from(list.cnt) {
                Ok(count) if !list.elems.is_null() => std::slice::from_raw_parts(list.elems, count),
                _ => &[],
            }
        }
    }

    /// The elements, to be changed.
    pub(crate) fn elems_mut(&mut self) -> &mut [rd_kafka_topic_partition_t] {
        // SAFETY: as in `elems`, and nobody else uses the list (`from_raw`).
        unsafe {
            let list = self.0.as_ref();
            match usize::try_from(list.cnt) {
                Ok(count) if !list.elems.is_null() => {
                    std::slice::from_raw_parts_mut(list.elems, count)
                }
                _ => &mut [],
            }
        }
    }

    fn capacity(&self) -> c_int {
        // SAFETY: the list is live.
        unsafe { self.0.as_ref().size }
    }

    fn resize(&mut self, capacity: c_int) {
        let len = usize::try_from(capacity).expect("capacities are positive");
        // SAFETY: the array is NULL or came from the C heap, and the field gets its new address.
        unsafe {
            let list = self.0.as_mut();
            let bytes = len * size_of::<rd_kafka_topic_partition_t>();
            list.elems = heap::realloc(list.elems.cast(), bytes).cast();
            list.size = capacity;
        }
    }

    /// Appends an element; the name is copied. `None` if the list is as long as a list can be.
    pub(crate) fn add(
        &mut self,
        topic: Option<&CStr>,
        partition: i32,
    ) -> Option<&mut rd_kafka_topic_partition_t> {
        let count = self.elems().len();
        let count_after = c_int::try_from(count + 1).ok()?;
        if count_after > self.capacity() {
            let grown = match self.capacity() {
                ..=1 => count_after,
                size => size.checked_add(size.max(GROWTH_MIN))?,
            };
            self.resize(grown);
        }
        let topic = topic.map_or(std::ptr::null_mut(), |topic| heap::string(topic.to_bytes()));
        // SAFETY: the array has room for one more element behind the live ones.
        unsafe {
            let list = self.0.as_mut();
            let elem = list.elems.add(count);
            elem.write(rd_kafka_topic_partition_t {
                topic,
                partition,
                offset: OFFSET_INVALID,
                metadata: std::ptr::null_mut(),
                metadata_size: 0,
                opaque: std::ptr::null_mut(),
                err: 0,
                _private: std::ptr::null_mut(),
            });
            list.cnt = count_after;
            Some(&mut *elem)
        }
    }

    /// Appends a copy of an element of another list.
    pub(crate) fn add_copy(&mut self, source: &rd_kafka_topic_partition_t) {
        let Some(elem) = self.add(topic(source), source.partition) else { return };
        elem.offset = source.offset;
        elem.opaque = source.opaque;
        elem.err = source.err;
        if source.metadata_size > 0 && !source.metadata.is_null() {
            let metadata = heap::malloc(source.metadata_size);
            // SAFETY: the source's metadata has that many bytes, and so has the fresh block.
            unsafe {
                let from = source.metadata.cast::<u8>();
                std::ptr::copy_nonoverlapping(from, metadata, source.metadata_size);
            }
            elem.metadata = metadata.cast();
            elem.metadata_size = source.metadata_size;
        }
        match foreign(source) {
            Some(foreign) => elem._private = (foreign.copy)(source),
            None => set_leader_epoch(elem, leader_epoch(source)),
        }
    }

    /// A copy of the list.
    pub(crate) fn copy(&self) -> Self {
        let mut copy = Self::new(self.capacity());
        for elem in self.elems() {
            copy.add_copy(elem);
        }
        copy
    }

    /// Where the first element of that topic and partition is.
    pub(crate) fn position(&self, name: Option<&CStr>, partition: i32) -> Option<usize> {
        self.elems().iter().position(|elem| elem.partition == partition && topic(elem) == name)
    }

    /// Removes the element at `index`; is there one?
    pub(crate) fn remove(&mut self, index: usize) -> bool {
        let elems = self.elems_mut();
        if index >= elems.len() {
            return false;
        }
        clear(&mut elems[index]);
        elems[index..].rotate_left(1);
        // SAFETY: the list is live; what it still counts are the live elements.
        unsafe { self.0.as_mut().cnt -= 1 };
        true
    }

    /// Sorts by topic, then by partition.
    pub(crate) fn sort(&mut self) {
        self.elems_mut().sort_by(compare);
    }

    /// Sorts as the application compares. The C library sorts, as it puts up with any comparison.
    ///
    /// # Safety
    /// `comparison` may be called with any two elements and `opaque`.
    pub(crate) unsafe fn sort_with(&mut self, comparison: Comparison, opaque: *mut c_void) {
        let elems = self.elems_mut();
        let size = size_of::<rd_kafka_topic_partition_t>();
        // SAFETY: base, count and size describe the elements; the rest is the caller's contract.
        unsafe { qsort_r(elems.as_mut_ptr().cast(), elems.len(), size, comparison, opaque) }
    }
}

/// The topic name of an element; `None` if it has none.
pub(crate) fn topic(elem: &rd_kafka_topic_partition_t) -> Option<&CStr> {
    let topic: *const c_char = elem.topic;
    // SAFETY: the name of a live element is NULL or NUL-terminated, and lives as long as it.
    (!topic.is_null()).then(|| unsafe { CStr::from_ptr(topic) })
}

fn compare(a: &rd_kafka_topic_partition_t, b: &rd_kafka_topic_partition_t) -> Ordering {
    topic(a).cmp(&topic(b)).then(a.partition.cmp(&b.partition))
}

fn private(elem: &rd_kafka_topic_partition_t) -> Option<NonNull<Private>> {
    // SAFETY: the hidden part of a live element is NULL or a live hidden part, ours or a peer's.
    let is_ours = unsafe { mark::is(elem._private, Mark::PARTITION_PRIVATE) };
    NonNull::new(elem._private.cast()).filter(|_| is_ours)
}

/// The leader epoch of an element, -1 if it has none.
pub(crate) fn leader_epoch(elem: &rd_kafka_topic_partition_t) -> i32 {
    if let Some(foreign) = foreign(elem) {
        return (foreign.leader_epoch)(elem);
    }
    // SAFETY: the hidden part is ours and lives as long as its element.
    private(elem).map_or(NO_LEADER_EPOCH, |private| unsafe { private.as_ref().leader_epoch })
}

/// Sets the leader epoch of an element; -1 takes it away. The hidden part of a peer is the peer's
/// business.
pub(crate) fn set_leader_epoch(elem: &mut rd_kafka_topic_partition_t, leader_epoch: i32) {
    if let Some(foreign) = foreign(elem) {
        return (foreign.set_leader_epoch)(elem, leader_epoch);
    }
    match private(elem) {
        // SAFETY: the hidden part is ours, and the element's only user is the caller.
        Some(mut private) => unsafe { private.as_mut().leader_epoch = leader_epoch },
        None if leader_epoch == NO_LEADER_EPOCH || !elem._private.is_null() => {}
        None => {
            let private = heap::calloc(size_of::<Private>()).cast::<Private>();
            // SAFETY: the block is fresh, large enough and aligned for everything.
            unsafe { private.write(Private { mark: Mark::PARTITION_PRIVATE, leader_epoch }) };
            elem._private = private.cast();
        }
    }
}

/// Takes the hidden part out of an element, if it is ours; its leader epoch.
pub(crate) fn take_own_part(elem: &mut rd_kafka_topic_partition_t) -> Option<i32> {
    let mut part = private(elem)?;
    elem._private = std::ptr::null_mut();
    // SAFETY: the part is ours, on the C heap, and the element has forgotten it.
    unsafe {
        let leader_epoch = part.as_ref().leader_epoch;
        mark::bury(&mut part.as_mut().mark);
        heap::free(part.as_ptr());
        Some(leader_epoch)
    }
}

/// Frees what an element owns.
fn clear(elem: &mut rd_kafka_topic_partition_t) {
    if let Some(foreign) = foreign(elem) {
        (foreign.free)(elem);
    }
    // SAFETY: all three came from the C heap, and the element forgets them at once.
    unsafe {
        heap::free(std::mem::replace(&mut elem.topic, std::ptr::null_mut()));
        heap::free(std::mem::replace(&mut elem.metadata, std::ptr::null_mut()));
        if let Some(mut private) = private(elem) {
            mark::bury(&mut private.as_mut().mark);
            heap::free(private.as_ptr());
        }
        elem._private = std::ptr::null_mut();
    }
}

/// Destroys an element that stands alone. NULL is allowed.
///
/// # Safety
/// `elem` is NULL or a live element in a block of its own, and nobody uses it any more.
pub(crate) unsafe fn destroy_elem(elem: *mut rd_kafka_topic_partition_t) {
    // SAFETY: the caller's contract.
    unsafe {
        if let Some(elem) = elem.as_mut() {
            clear(elem);
        }
        heap::free(elem);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NAMES: [Option<&CStr>; 4] = [None, Some(c""), Some(c"a"), Some(c"b")];

    /// Topic, partition, offset, leader epoch, metadata.
    type Row = (Option<&'static CStr>, i32, i64, i32, Vec<u8>);

    #[derive(Clone, Debug)]
    enum Step {
        Add(usize, i32),
        Range(usize, i32, i32),
        Set(usize, i64, i32, Vec<u8>),
        Remove(usize),
        Sort,
        SortDown,
        Copy,
    }

    fn step() -> impl Strategy<Value = Step> {
        let metadata = prop::collection::vec(any::<u8>(), 0..20);
        prop_oneof![
            4 => (0..4usize, -1..6i32).prop_map(|(name, part)| Step::Add(name, part)),
            1 => (0..4usize, 0..6i32, 0..70i32)
                .prop_map(|(name, from, count)| Step::Range(name, from, count)),
            3 => (0..90usize, any::<i64>(), -1..9i32, metadata)
                .prop_map(|(at, offset, epoch, bytes)| Step::Set(at, offset, epoch, bytes)),
            2 => (0..90usize).prop_map(Step::Remove),
            1 => Just(Step::Sort),
            1 => Just(Step::SortDown),
            1 => Just(Step::Copy),
        ]
    }

    fn rows(list: &List) -> Vec<Row> {
        let row = |elem: &rd_kafka_topic_partition_t| {
            let name = NAMES.into_iter().find(|name| *name == topic(elem)).expect("a known name");
            let metadata = match elem.metadata.is_null() {
                true => Vec::new(),
                // SAFETY: the metadata of a live element has that many bytes.
                false => unsafe {
                    std::slice::from_raw_parts(elem.metadata.cast(), elem.metadata_size).to_vec()
                },
            };
            (name, elem.partition, elem.offset, leader_epoch(elem), metadata)
        };
        list.elems().iter().map(row).collect()
    }

    unsafe extern "C-unwind" fn downwards(
        a: *const c_void,
        b: *const c_void,
        o: *mut c_void,
    ) -> c_int {
        // SAFETY: `sort_with` gives elements and the opaque pointer, here a counter.
        unsafe {
            *o.cast::<u32>() += 1;
            let (a, b) = (&*a.cast::<rd_kafka_topic_partition_t>(), &*b.cast());
            compare(b, a) as c_int
        }
    }

    fn apply(list: &mut List, model: &mut Vec<Row>, step: Step) {
        let new = |name: usize, part: i32| (NAMES[name], part, OFFSET_INVALID, -1, Vec::new());
        match step {
            Step::Add(name, part) => {
                assert_eq!(list.add(NAMES[name], part).expect("room").partition, part);
                model.push(new(name, part));
            }
            Step::Range(name, from, count) => {
                for part in from..from + count {
                    list.add(NAMES[name], part).expect("room");
                    model.push(new(name, part));
                }
            }
            Step::Set(at, offset, epoch, bytes) if at < model.len() => {
                let elem = &mut list.elems_mut()[at];
                elem.offset = offset;
                set_leader_epoch(elem, epoch);
                // SAFETY: the old metadata came from the C heap; the new has `bytes.len()` bytes.
                unsafe {
                    heap::free(elem.metadata);
                    elem.metadata = heap::string(&bytes).cast();
                }
                elem.metadata_size = bytes.len();
                let row = &mut model[at];
                *row = (row.0, row.1, offset, epoch, bytes);
            }
            Step::Set(..) => {}
            Step::Remove(at) => {
                assert_eq!(list.remove(at), at < model.len());
                if at < model.len() {
                    model.remove(at);
                }
            }
            Step::Sort => {
                list.sort();
                model.sort_by_key(|row| (row.0, row.1));
            }
            Step::SortDown => {
                let mut calls = 0u32;
                // SAFETY: `downwards` takes elements and a counter.
                unsafe { list.sort_with(downwards, (&raw mut calls).cast()) };
                assert!(calls > 0 || model.len() < 2);
                model.sort_by_key(|row| std::cmp::Reverse((row.0, row.1)));
            }
            Step::Copy => {
                let copy = list.copy();
                std::mem::replace(list, copy).destroy();
            }
        }
    }

    proptest! {
        #[test]
        fn a_list_behaves_like_a_vector(
            capacity in -1..5,
            steps in prop::collection::vec(step(), 0..30),
        ) {
            let mut list = List::new(capacity);
            let mut model = Vec::new();
            for step in steps {
                let is_sort_down = matches!(step, Step::SortDown);
                apply(&mut list, &mut model, step);
                if is_sort_down {
                    // The C library's sort need not be stable: only the order is promised.
                    let keys: Vec<_> = rows(&list).iter().map(|row| (row.0, row.1)).collect();
                    let expected: Vec<_> = model.iter().map(|row| (row.0, row.1)).collect();
                    prop_assert_eq!(keys, expected);
                    model = rows(&list);
                }
                prop_assert_eq!(&rows(&list), &model);
                for name in NAMES {
                    let first = model.iter().position(|row| row.0 == name && row.1 == 3);
                    prop_assert_eq!(list.position(name, 3), first);
                }
            }
            list.destroy();
        }
    }

    #[test]
    fn lists_grow_as_they_always_did() {
        let mut list = List::new(0);
        let mut sizes = vec![list.capacity()];
        for part in 0..70 {
            list.add(Some(c"t"), part);
            if sizes.last() != Some(&list.capacity()) {
                sizes.push(list.capacity());
            }
        }
        assert_eq!(sizes, [0, 1, 2, 34, 68, 136]);
        list.destroy();
        let huge = List::new(c_int::MAX);
        assert_eq!(huge.capacity(), CAPACITY_MAX);
        huge.destroy();
    }

    #[test]
    fn a_foreign_hidden_part_is_left_alone() {
        if FOREIGN.get().is_some() {
            return eprintln!("skipped: a peer is open, and would look at it");
        }
        let mut foreign = [0u64; 8];
        let mut list = List::new(1);
        let elem = list.add(Some(c"t"), 0).expect("room");
        elem._private = foreign.as_mut_ptr().cast();
        set_leader_epoch(elem, 5);
        assert_eq!(leader_epoch(elem), -1);
        list.destroy();
        assert_eq!(foreign, [0; 8]);
    }

    #[test]
    fn an_epoch_can_be_taken_away_without_ever_having_been_there() {
        let mut list = List::new(1);
        let elem = list.add(None, 0).expect("room");
        set_leader_epoch(elem, -1);
        assert!(elem._private.is_null());
        set_leader_epoch(elem, 7);
        assert_eq!(leader_epoch(elem), 7);
        set_leader_epoch(elem, -1);
        assert_eq!(leader_epoch(elem), -1);
        list.destroy();
    }
}
