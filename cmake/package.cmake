# What a package holds, and the .deb of it: cpack --config build/release/CPackConfig.cmake
install(TARGETS songsong songsong-server RUNTIME DESTINATION bin)
install(FILES server/systemd/songsong-server.service server/systemd/songsong-backup.service
  server/systemd/songsong-backup.timer DESTINATION lib/systemd/system)
install(FILES README.md CHANGELOG.md server/api/openapi.json DESTINATION share/doc/songsong)
install(FILES LICENSE DESTINATION share/doc/songsong RENAME copyright)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME songsong)
set(CPACK_PACKAGE_VENDOR SongSong)
set(CPACK_PACKAGE_CONTACT "SongSong <songsong@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "offline-first records of pupils and devices: sync server and field client")
set(CPACK_PACKAGE_INSTALL_DIRECTORY songsong)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS "passwd")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA ${PROJECT_SOURCE_DIR}/cmake/debian/postinst
  ${PROJECT_SOURCE_DIR}/cmake/debian/prerm)
include(CPack)
