# Every library we do not write, by its Debian package; one room owns each.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
pkg_check_modules(SODIUM REQUIRED IMPORTED_TARGET libsodium)          # base      libsodium-dev
pkg_check_modules(CRYPTO REQUIRED IMPORTED_TARGET libcrypto)         # base      libssl-dev
pkg_check_modules(UV REQUIRED IMPORTED_TARGET libuv)                  # loop      libuv1-dev
pkg_check_modules(JANSSON REQUIRED IMPORTED_TARGET jansson)           # codec     libjansson-dev
pkg_check_modules(LUA REQUIRED IMPORTED_TARGET lua5.4)                # script    liblua5.4-dev
pkg_check_modules(SECCOMP REQUIRED IMPORTED_TARGET libseccomp)        # script    libseccomp-dev
pkg_check_modules(SQLITE REQUIRED IMPORTED_TARGET sqlite3)            # store     libsqlite3-dev
pkg_check_modules(LIBVIRT REQUIRED IMPORTED_TARGET libvirt libvirt-qemu) # virt      libvirt-dev
pkg_check_modules(LIBXML REQUIRED IMPORTED_TARGET libxml-2.0)         # virt      libxml2-dev
pkg_check_modules(WEBSOCKETS REQUIRED IMPORTED_TARGET libwebsockets)  # net       libwebsockets-dev
pkg_check_modules(CMOCKA REQUIRED IMPORTED_TARGET cmocka)             # tests     libcmocka-dev
pkg_check_modules(MODBUS IMPORTED_TARGET libmodbus)                   # tests     libmodbus-dev
