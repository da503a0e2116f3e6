// SPDX-License-Identifier: MIT
// Enums with data in a region, of each kind that Rust has. Each line of input is answered by all of
// it, as Rust shows it.
use std::ffi::{c_char, c_int, c_void, CString};
use std::io::{stdin, BufRead};
use std::num::NonZeroU32;

extern "C" {
    fn open(path: *const c_char, flags: c_int, mode: c_int) -> c_int;
    fn ftruncate(fd: c_int, size: i64) -> c_int;
    fn mmap(at: *mut c_void, n: usize, prot: c_int, flags: c_int, fd: c_int, from: i64) -> *mut c_void;
}

#[derive(Debug, Clone, Copy)]
pub enum Message {
    Ping,
    Move { x: i32, y: i32 },
    Text([u8; 4]),
}
#[derive(Debug)]
#[repr(u8)]
pub enum Tagged {
    A = 3,
    B(u32) = 200,
}
#[derive(Debug)]
#[repr(C)]
pub enum CLike {
    A,
    B { s: u16 },
}
#[derive(Debug)]
#[repr(i8)]
pub enum Negative {
    Below(u8) = -5,
    Above = 4,
}
#[derive(Debug)]
pub enum Only {
    This(u32),
}
#[derive(Debug)]
pub enum Around {
    Inner(Message),
    Flag(Option<bool>),
    Nothing,
}

#[derive(Debug)]
#[repr(C)]
pub struct All {
    messages: [Message; 3],
    some: Option<u32>,
    none: Option<u32>,
    tagged: Tagged,
    a: Tagged,
    clike: CLike,
    negative: Negative,
    only: Only,
    reference: Option<&'static u32>,
    null: Option<&'static u32>,
    nonzero: Option<NonZeroU32>,
    zero: Option<NonZeroU32>,
    yes: Option<bool>,
    never: Option<bool>,
    twice: Option<Option<bool>>,
    letter: Option<char>,
    result: Result<u64, u8>,
    inner: Around,
    flag: Around,
    nothing: Around,
    wide: Option<i128>,
}

static NUMBER: u32 = 5;
static mut ALL: *mut All = std::ptr::null_mut();

fn main() {
    let path = CString::new(std::env::args().nth(1).unwrap()).unwrap();
    unsafe {
        let fd = open(path.as_ptr(), 0o1102, 0o600);
        ftruncate(fd, std::mem::size_of::<All>() as i64);
        let map = mmap(std::ptr::null_mut(), std::mem::size_of::<All>(), 3, 1, fd, 0);
        ALL = map as *mut All;
        ALL.write(All {
            messages: [Message::Ping, Message::Move { x: 1, y: -2 }, Message::Text(*b"abcd")],
            some: Some(7),
            none: None,
            tagged: Tagged::B(9),
            a: Tagged::A,
            clike: CLike::B { s: 3 },
            negative: Negative::Below(4),
            only: Only::This(11),
            reference: Some(&NUMBER),
            null: None,
            nonzero: NonZeroU32::new(4),
            zero: None,
            yes: Some(true),
            never: None,
            twice: Some(None),
            letter: Some('x'),
            result: Err(3),
            inner: Around::Inner(Message::Move { x: 5, y: 6 }),
            flag: Around::Flag(Some(false)),
            nothing: Around::Nothing,
            wide: Some(-1),
        });
        println!("ready {}", &NUMBER as *const u32 as usize);
        // what isn't told of here isn't made either
        std::hint::black_box((Message::Ping, Tagged::A, CLike::A, Negative::Above, Result::<u64, u8>::Ok(1)));
        for line in stdin().lock().lines() {
            if line.unwrap() == "exit" {
                break;
            }
            println!("{:?}", *ALL);
        }
    }
}
