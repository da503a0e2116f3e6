// SPDX-License-Identifier: MIT
// A program whose static variable points into a region, and which knows it by a void pointer too.
use std::ffi::{c_char, c_int, c_void, CString};
use std::io::{stdin, Read};

extern "C" {
    fn open(path: *const c_char, flags: c_int, mode: c_int) -> c_int;
    fn ftruncate(fd: c_int, size: i64) -> c_int;
    fn mmap(at: *mut c_void, n: usize, prot: c_int, flags: c_int, fd: c_int, from: i64) -> *mut c_void;
}

pub mod goods {
    #[repr(C)]
    pub struct Item {
        pub price: i32,
        pub name: [u8; 4],
    }
}

#[repr(C)]
pub struct Ring<T, const N: usize> {
    head: u32,
    items: [T; N],
}

static mut SOLD: *mut Ring<goods::Item, 3> = std::ptr::null_mut();

fn main() {
    let path = CString::new(std::env::args().nth(1).unwrap()).unwrap();
    unsafe {
        let fd = open(path.as_ptr(), 0o1102, 0o600);
        ftruncate(fd, 40);
        let map = mmap(std::ptr::null_mut(), 40, 3, 1, fd, 0);
        SOLD = map as *mut Ring<goods::Item, 3>;
        (*SOLD).items[1].price = 5;
        println!("ready");
        let _ = stdin().read(&mut [0; 1]);
        std::hint::black_box(&map);
        std::process::exit((*SOLD).head as i32);
    }
}
