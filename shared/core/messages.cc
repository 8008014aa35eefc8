#include "shared/core/messages.h"

#include <algorithm>
#include <iterator>

namespace songsong {
namespace {

struct Entry {
  const char* code;
  const char* vi;
  const char* vi_do;
  const char* en;
  const char* en_do;
};

constexpr Entry kEntries[] = {
    {"account_closed", "Tài khoản này đã đóng.", "Mở lại bằng lệnh: account add", "The account is closed.",
     "Open it again with: account add"},
    {"account_exists", "Đã có tài khoản tên này.",
     "Đổi quyền bằng lệnh: account appoint; mật khẩu mới: account password", "There is an account of this name.",
     "Change its rights with account appoint, its password with account password."},
    {"account_name_malformed", "Tên đăng nhập gồm 2 đến 64 ký tự a-z, 0-9 và . _ - @", "Viết chữ thường, không dấu.",
     "A name to sign in with is 2 to 64 of a-z, 0-9 and . _ - @", "Write it in lower case, without tone marks."},
    {"address_without_tls", "Máy chủ này dùng TLS: địa chỉ bắt đầu bằng https://.",
     "Ví dụ: --url https://192.168.1.10:8480", "This server speaks TLS: its address begins with https://.",
     "Such as: --url https://192.168.1.10:8480"},
    {"answer_forged", "Câu trả lời không đúng là của máy chủ.", "Đổi mạng khác rồi thử lại; chưa có gì bị mất.",
     "The answer is not the server's.", "Try again over another network; nothing is lost."},
    {"answer_malformed", "Câu trả lời của máy chủ không dùng được.", "Thử lại sau; chưa có gì bị mất.",
     "The server's answer cannot be used.", "Try again later; nothing is lost."},
    {"bad_reference", "Mã hồ sơ không đúng.", "Xem lại mã hồ sơ.", "The record id names nothing.",
     "Check the record id."},
    {"attachment_mismatch", "Tệp ảnh tới máy chủ không đúng như đã ghi.",
     "Đồng bộ lại; nếu vẫn vậy, chụp và ghi lại ảnh.", "What reached the server is not the file that was recorded.",
     "Synchronise again; if it stays so, add it anew."},
    {"attachment_name_malformed", "Trường này nhận một tệp ảnh.", "Ví dụ: picture=@anh.jpg", "This field takes a file.",
     "Such as: picture=@photo.jpg"},
    {"attachment_too_large", "Tệp ảnh lớn quá 2 MB.", "Giảm cỡ ảnh rồi thử lại.", "The file is larger than 2 MB.",
     "Make the photo smaller, and try again."},
    {"base64_malformed", "Chuỗi ký tự bị sai hoặc thiếu.", "Chép lại cho đủ.", "The text was cut short or mistyped.",
     "Copy it again, whole."},
    {"boolean_malformed", "Chỉ nhận true hoặc false.", "", "Takes true or false.", ""},
    {"busy", "Máy chủ đang bận.", "Thử lại sau ít phút.", "The server is busy.", "Try again in a few minutes."},
    {"bytes_malformed", "Chỉ nhận số thập lục phân viết thường.", "", "Takes lower-case hexadecimal.", ""},
    {"case_not_open", "Không có việc nào như vậy đang chờ.", "Xem danh sách bằng lệnh: songsong cases",
     "No such case is open.", "List them with: songsong cases"},
    {"cell_too_long", "Một ô quá dài.", "Rút ngắn ô.", "A cell is too long.", "Shorten it."},
    {"cell_error", "Ô bảng tính có lỗi công thức.", "Sửa ô rồi lưu lại.", "The cell holds an error.",
     "Mend the cell and save the file."},
    {"certificate_unreadable", "Không dùng được chứng thư TLS hoặc khoá trong tệp này.",
     "Cần PEM: chứng thư của máy chủ đứng đầu, và đúng khoá của nó, không đặt mật khẩu (tls_certificate, tls_key).",
     "The TLS certificate or key in this file cannot be used.",
     "PEM is needed: the server's own certificate first, and its key, without a password (tls_certificate, tls_key)."},
    {"chain_broken", "Chuỗi thay đổi bị đứt.", "Đừng xoá; báo người quản trị.", "The chain of changes is broken.",
     "Do not delete it; tell your administrator."},
    {"change_malformed", "Dữ liệu bị hỏng.", "Đừng xoá; báo người quản trị.", "A saved change cannot be read back.",
     "Do not delete it; tell your administrator."},
    {"commitments_malformed", "Dữ liệu bị hỏng.", "Đừng xoá; báo người quản trị.",
     "The proof of an erased value cannot be read back.", "Do not delete it; tell your administrator."},
    {"config_malformed", "Tệp cấu hình có dòng sai.", "Sửa dòng được nêu trong server.conf.",
     "The configuration has a wrong line.", "Mend the line named in server.conf."},
    {"cursor_malformed", "Mốc đồng bộ không đọc được.", "Đồng bộ lại.", "The mark of the last sync cannot be read.",
     "Synchronise again."},
    {"date_impossible", "Ngày này không có trong lịch.", "Xem lại ngày, tháng, năm.", "The calendar has no such day.",
     "Check day, month and year."},
    {"date_malformed", "Ngày phải viết dạng năm-tháng-ngày, ví dụ 2013-09-05.", "", "Dates are written 2013-09-05.",
     ""},
    {"date_to_come", "Ngày này chưa tới.", "Đợi đến ngày đó rồi chạy lại.", "This day has not come yet.",
     "Run it again on that day."},
    {"device_of_account", "Máy này theo quyền của tài khoản.", "Đổi quyền của tài khoản: account appoint",
     "The device has the rights of its account.", "Change the account's: account appoint"},
    {"difference", "Kiểm tra thấy chỗ không khớp.", "Báo cho người quản trị; đừng xoá thư mục.",
     "The check found a difference.", "Tell your administrator; do not delete the folder."},
    {"duplicate_heading", "Hai cột có cùng tiêu đề.", "Đổi tên hoặc xoá một cột.", "Two columns have the same heading.",
     "Rename or delete one."},
    {"edit_needs_field", "Chưa có gì để ghi.", "Viết thêm: tên_trường=giá_trị", "There is nothing to write.",
     "Add field=value."},
    {"encrypted_spreadsheet", "Bảng tính có mật khẩu.", "Bỏ mật khẩu rồi lưu lại.", "The spreadsheet has a password.",
     "Remove the password and save it again."},
    {"file_empty", "Tệp này rỗng.", "Chụp hoặc chép lại ảnh.", "The file is empty.", "Take or copy the photo again."},
    {"file_exists", "Đã có tệp này.", "Chọn tên khác.", "There is such a file already.", "Take another name."},
    {"file_damaged", "Tệp bị hỏng.", "Xoá tệp được nêu tên, rồi làm lại.", "The file is damaged.",
     "Delete the file that is named, and do it again."},
    {"file_too_large", "Tệp quá lớn.", "Chia thành nhiều tệp nhỏ hơn.", "The file is too large.", "Split it."},
    {"file_unreadable", "Không đọc được tệp.", "Xem lại đường dẫn và quyền đọc.", "The file cannot be read.",
     "Check its path and permissions."},
    {"file_unwritable", "Không ghi được tệp.", "Xem lại đường dẫn, quyền ghi và dung lượng trống.",
     "The file cannot be written.", "Check its path, permissions and the space left."},
    {"filled_in_twice", "Một trường được điền hai lần.", "Chỉ điền một lần.", "A field is filled in twice.",
     "Fill it in once."},
    {"goes_along", "Hồ sơ này đi theo học sinh, không chuyển riêng được.", "Chuyển hồ sơ học sinh.",
     "This record goes with the pupil, and not by itself.", "Let the pupil go."},
    {"group_incomplete", "Các trường này phải điền cùng nhau.", "Điền cho đủ.", "These fields belong together.",
     "Fill in all of them."},
    {"instant_impossible", "Thời điểm này không có.", "", "There is no such instant.", ""},
    {"instant_malformed", "Thời điểm phải viết dạng 2021-10-12T01:30:00Z.", "",
     "Instants are written 2021-10-12T01:30:00Z.", ""},
    {"integer_malformed", "Chỉ nhận số nguyên, không có dấu phân cách.", "", "Takes a whole number without separators.",
     ""},
    {"key_malformed", "Khoá không dùng được.", "Xin vé mới.", "The key cannot be used.", "Ask for a new ticket."},
    {"kind_mismatch", "Hồ sơ thuộc loại khác.", "", "The record is of another kind.", ""},
    {"line_malformed", "Câu trả lời của máy chủ không đọc được.", "Cập nhật chương trình.",
     "The server's answer cannot be read.", "Update the program."},
    {"listen_failed", "Không mở được địa chỉ để lắng nghe.",
     "Chọn cổng khác, hoặc dừng chương trình đang dùng cổng này.", "The address cannot be listened on.",
     "Choose another port, or stop what uses this one."},
    {"memory_short", "Máy không đủ bộ nhớ.", "Đóng bớt chương trình rồi thử lại.", "There is not enough memory.",
     "Close other programs and try again."},
    {"name_malformed", "Mã hồ sơ viết không đúng.", "Chép lại mã từ danh sách.", "This is no record id.",
     "Copy it from the list."},
    {"names_collide", "Máy này trùng mã với máy khác.", "Xin vé mới.", "Another device's change has the same name.",
     "Ask for a new ticket."},
    {"network", "Không liên lạc được với máy chủ.", "Kiểm tra sóng rồi thử lại; mọi việc đã ghi vẫn còn.",
     "The server cannot be reached.", "Check the signal and try again; everything is kept."},
    {"next_school_elsewhere", "Trường tới không thuộc phạm vi của máy này.",
     "Nhờ phòng, người phụ trách cả hai trường, chạy lệnh này: promote --unit … --leavers-to …",
     "The next school is not one of this device's.",
     "Ask the office above, which has both schools, to run it: promote --unit … --leavers-to …"},
    {"no_heading", "Không tìm thấy dòng tiêu đề của danh sách.",
     "Dòng tiêu đề phải có các cột như: Họ và tên, Ngày sinh, Trường.", "No heading row was found.",
     "It needs columns such as: full name, birth date, school."},
    {"no_memory_folder", "Máy này không có thư mục tạm nằm trong bộ nhớ, nên không giữ khoá được.",
     "Hãy gõ PIN ở mỗi lệnh.",
     "There is no folder here that is kept in memory only, so the key cannot be kept at hand.",
     "Type the PIN with each command."},
    {"no_progress", "Máy chủ trả lời mà không nhận thêm được gì.", "Thử lại sau; báo quản trị nếu còn lặp lại.",
     "The server's answers bring nothing forward.", "Try again later; tell your administrator if it goes on."},
    {"no_replica", "Thư mục này chưa được thiết lập.", "Chạy: songsong init --dir DIR --ticket VÉ",
     "This folder is not set up.", "Run: songsong init --dir DIR --ticket TICKET"},
    {"no_server", "Chưa có máy chủ.", "Chạy: songsong init với vé do đơn vị cấp", "There is no server yet.",
     "Run songsong init with a ticket."},
    {"not_enrolled", "Máy này chưa đồng bộ lần nào.", "Chạy: songsong sync", "This device has never synchronised.",
     "Run: songsong sync"},
    {"not_yours_to_see", "Số liệu của đơn vị này không thuộc phạm vi của bạn.", "Hỏi đơn vị quản lý.",
     "This unit's figures are not yours to see.", "Ask the unit that it belongs to."},
    {"not_told", "Máy chủ không giữ hồ sơ này cho máy này.", "Đồng bộ rồi thử lại.",
     "The server does not hold this record for this device.", "Synchronise and try again."},
    {"not_a_bundle", "Tệp này không phải gói của SongSong, hoặc bị cắt mất một phần.", "Chép lại tệp cho đủ.",
     "This file is no bundle of SongSong, or a part of it is missing.", "Copy it again, whole."},
    {"not_a_spreadsheet", "Tệp này không phải bảng tính CSV hay XLSX.", "Lưu lại dưới dạng .xlsx hoặc CSV UTF-8.",
     "This file is neither CSV nor XLSX.", "Save it as .xlsx or CSV UTF-8."},
    {"not_for_role", "Vai trò của bạn không được ghi mục này.", "Nhờ người có quyền ghi.",
     "Your role may not write this.", "Ask somebody who may."},
    {"not_normal", "Chữ có ký tự không hợp lệ.", "Gõ lại.", "The text has characters that are not allowed.",
     "Type it again."},
    {"nobody_answers", "Không có máy chủ SongSong trả lời ở địa chỉ này.",
     "Chạy máy chủ ở đó trước (tls_listen trong server.conf), xem lại địa chỉ; hoặc thêm --unchecked.",
     "No SongSong server answers at this address.",
     "Let it listen there first (tls_listen in server.conf), and look at the address; or add --unchecked."},
    {"not_our_server", "Mạng này trả về trang khác, không phải máy chủ SongSong.",
     "Mở trình duyệt xem mạng có đòi đăng nhập không, rồi thử lại.",
     "Something other than the SongSong server answered.",
     "Open a browser: the network may ask for a login. Then try again."},
    {"not_utf8", "Tệp CSV không phải mã UTF-8.", "Lưu lại dưới dạng CSV UTF-8.", "The CSV is not UTF-8.",
     "Save it as CSV UTF-8."},
    {"nothing_granted", "Máy này không còn quyền nào để giao.", "Cấp vé mới: songsong-server ticket",
     "There is no right left to give.", "Issue a new ticket: songsong-server ticket"},
    {"nothing_to_save", "Hồ sơ đã có sẵn các giá trị này.", "", "The record holds these values already.", ""},
    {"nothing_to_send", "Không còn gì chưa gửi.", "", "There is nothing left to send.", ""},
    {"old_excel", "Đây là bảng tính Excel đời cũ (.xls).", "Mở bằng Excel rồi lưu dưới dạng .xlsx.",
     "This is a spreadsheet of old Excel (.xls).", "Open it in Excel and save it as .xlsx."},
    {"origin_not_allowed", "Chỉ máy chủ mới được nhận lại thay đổi bị giữ.", "",
     "Only a server releases what was set aside.", ""},
    {"out_of_range", "Giá trị nằm ngoài khoảng cho phép.", "Xem lại giá trị.", "The value is out of range.",
     "Check the value."},
    {"out_of_scope", "Đơn vị này không thuộc phạm vi của bạn.", "Nhờ đơn vị quản lý ghi.",
     "This unit is not yours to write in.", "Ask the unit that it belongs to."},
    {"password_weak", "Mật khẩu quá dễ đoán.", "Viết ít nhất 10 ký tự, không lặp một ký tự.",
     "The password is too easy to guess.", "Write at least 10 letters, not all the same."},
    {"pattern", "Giá trị viết không đúng dạng.", "Xem lại từng ký tự.", "The value has the wrong form.",
     "Check it character by character."},
    {"personal_values_malformed", "Dữ liệu bị hỏng.", "Đừng xoá; báo người quản trị.",
     "Saved personal values cannot be read back.", "Do not delete it; tell your administrator."},
    {"piece_broken", "Dữ liệu gửi đi bị hỏng.", "Thử lại; báo quản trị nếu còn lặp lại.",
     "A piece of the data is damaged.", "Try again; tell your administrator if it goes on."},
    {"piece_format_unknown", "Dữ liệu do phiên bản khác ghi.", "Cập nhật chương trình.",
     "The data was written by another version.", "Update the program."},
    {"piece_misplaced", "Dữ liệu gửi lên không khớp với số thứ tự.", "Thử lại; báo quản trị nếu còn lặp lại.",
     "What was sent does not fit its numbers.", "Try again; tell your administrator if it goes on."},
    {"piece_primer_unknown", "Dữ liệu do phiên bản mới hơn nén.", "Cập nhật chương trình.",
     "The data was compressed by a newer version.", "Update the program."},
    {"piece_signature", "Dữ liệu gửi lên bị thay đổi dọc đường.", "Thử lại; báo quản trị nếu còn lặp lại.",
     "What was sent was altered on its way.", "Try again; tell your administrator if it goes on."},
    {"piece_too_large", "Một phần dữ liệu quá lớn.", "Thử lại; báo quản trị nếu còn lặp lại.",
     "A piece of the data is too large.", "Try again; tell your administrator if it goes on."},
    {"piece_truncated", "Dữ liệu bị cắt mất một phần.", "Thử lại; báo quản trị nếu còn lặp lại.",
     "A part of the data is missing.", "Try again; tell your administrator if it goes on."},
    {"pin_differs", "Hai lần gõ PIN không giống nhau.", "Làm lại: songsong pin", "The two PINs are not the same.",
     "Begin again: songsong pin"},
    {"pin_needed", "Dữ liệu trên máy đang khoá.", "Mở bằng PIN: songsong unlock", "What lies on this device is locked.",
     "Open it with its PIN: songsong unlock"},
    {"pin_not_given", "Chưa có PIN.", "Gõ PIN ở cửa sổ lệnh, hoặc đặt trong SONGSONG_NEW_PIN.", "There is no PIN.",
     "Type it at a terminal, or put it into SONGSONG_NEW_PIN."},
    {"pin_unset", "Dữ liệu trên máy chưa được niêm phong bằng PIN.", "Đặt PIN: songsong pin",
     "What lies on this device is not sealed under a PIN.", "Set one: songsong pin"},
    {"pin_weak", "PIN quá dễ đoán.", "Dùng ít nhất 6 ký tự, không lặp một ký tự, không theo thứ tự như 123456.",
     "The PIN is too easy to guess.", "Use at least 6 signs, not all the same, not in a row such as 123456."},
    {"pin_wrong", "PIN không đúng.",
     "Gõ lại. Quên PIN: gửi việc đã ghi bằng songsong sync, rồi xin vé mới cho thư mục khác.", "This is not the PIN.",
     "Type it again. If it is forgotten: send what was recorded with songsong sync, then ask for a new ticket for "
     "another folder."},
    {"policies_changed", "Bảng quy tắc vừa được cập nhật.", "Chạy lại lệnh.",
     "The table of rules has just been updated.", "Run the command again."},
    {"policy_table_malformed", "Bảng quy tắc không đọc được.", "Cập nhật chương trình.",
     "The table of rules cannot be read.", "Update the program."},
    {"primer_malformed", "Dữ liệu nén mẫu không đọc được.", "Cập nhật chương trình.",
     "The sample for compression cannot be read.", "Update the program."},
    {"protocol_newer", "Máy chủ dùng phiên bản khác.", "Cập nhật chương trình.", "The server speaks another version.",
     "Update the program."},
    {"quote_open", "Có dấu ngoặc kép mở mà không đóng.", "Sửa dòng được nêu.", "A quote is opened and never closed.",
     "Mend the row named."},
    {"receipt_for_another", "Giấy nhận này là của máy khác, hoặc đã bị sửa.", "Chuyển cho đúng máy.",
     "These receipts are for another device, or were altered.", "Give them to the right device."},
    {"receipt_forged", "Giấy nhận không phải của máy chủ.", "Thử lại.", "A receipt is not the server's.", "Try again."},
    {"receipt_malformed", "Giấy nhận không đọc được.", "Thử lại; báo quản trị nếu còn lặp lại.",
     "A receipt cannot be read.", "Try again; tell your administrator if it goes on."},
    {"receipt_version", "Giấy nhận do phiên bản mới hơn ghi.", "Cập nhật chương trình.",
     "A receipt was written by a newer version.", "Update the program."},
    {"replicas_used_up", "Máy chủ đã cấp hết mã máy.", "Báo người quản trị.", "The server has no replica ids left.",
     "Tell your administrator."},
    {"register_malformed", "Sổ xoá dữ liệu của máy chủ không đọc được.",
     "Lấy lại tệp erasures từ bản sao lưu gần nhất (tệp .erasures); nếu chưa từng sao lưu thì dời tệp này đi.",
     "The server's register of erasures cannot be read.",
     "Put the .erasures of the latest backup in its place; if there never was a backup, move the file away."},
    {"replica_exists", "Thư mục đã được thiết lập.", "", "The folder is set up already.", ""},
    {"replica_revoked", "Máy này đã bị thu hồi quyền.",
     "Mọi hồ sơ đã rời khỏi màn hình; việc đã gửi nằm ở máy chủ, việc ghi sau khi thu hồi chờ duyệt. Hỏi người quản "
     "trị.",
     "This device was revoked.",
     "All records have left its screen; what was sent is with the server, what was saved since waits for a reviewer. "
     "Ask your administrator."},
    {"request_forged", "Máy chủ không nhận ra máy này.", "Xin vé mới.", "The server does not recognise this device.",
     "Ask for a new ticket."},
    {"request_malformed", "Máy chủ không đọc được câu hỏi.", "Cập nhật chương trình.",
     "The server cannot read the request.", "Update the program."},
    {"required", "Thiếu mục bắt buộc.", "Điền mục này.", "A required field is missing.", "Fill it in."},
    {"seal_broken", "Dữ liệu niêm phong bị sửa hoặc thuộc khoá khác.", "Đừng xoá; báo người quản trị.",
     "What was sealed was altered, or belongs to another key.", "Do not delete it; tell your administrator."},
    {"sequences_used_up", "Máy này đã ghi hết số thứ tự.", "Xin vé mới; những gì đã ghi vẫn còn.",
     "This device has numbered all the changes it can.", "Ask for a new ticket; nothing is lost."},
    {"server_disk_full", "Đĩa của máy chủ đã đầy.",
     "Báo người quản trị máy chủ, rồi đồng bộ lại sau; mọi việc đã ghi vẫn còn trên máy này.",
     "The server's disk is full.", "Tell its administrator and synchronise again later; everything is kept here."},
    {"sealed_for_another", "Gói này được niêm phong cho khoá khác: máy chủ khác, hoặc khoá cũ đã bỏ.",
     "Mở thư mục rồi đồng bộ trực tiếp; nếu máy chủ đã đổi khoá, xin vé mới.",
     "This was sealed to another key: another server's, or one that was given up.",
     "Open the folder and synchronise; if the server has another key, ask for a new ticket."},
    {"server_unproven", "Đây không phải máy chủ của vé này, hoặc chứng thư TLS của nó đã đổi.",
     "Nếu mạng không đòi đăng nhập (thử mở trình duyệt): xin vé mới; những gì đã ghi vẫn còn.",
     "This is not the server of the ticket, or its TLS certificate is another one.",
     "If the network asks for no login (open a browser), ask for a new ticket; nothing is lost."},
    {"server_exists", "Thư mục này là của máy chủ.", "Chọn thư mục khác.", "The folder is a server's.",
     "Use another folder."},
    {"server_storage", "Máy chủ không ghi được vào kho của nó.",
     "Báo người quản trị máy chủ, rồi đồng bộ lại sau; mọi việc đã ghi vẫn còn trên máy này.",
     "The server cannot use its store.",
     "Tell its administrator and synchronise again later; everything is kept here."},
    {"server_running", "Máy chủ đang chạy trên thư mục này.", "Dừng máy chủ rồi thử lại.",
     "A server is running on this folder.", "Stop it and try again."},
    {"state_malformed", "Dữ liệu bị hỏng.", "Đừng xoá; báo người quản trị.", "A saved record cannot be read back.",
     "Do not delete it; tell your administrator."},
    {"shard_unknown", "Dữ liệu không có phần này.", "Đừng xoá; báo người quản trị.", "The store has no such shard.",
     "Do not delete it; tell your administrator."},
    {"states_malformed", "Câu trả lời của máy chủ không đọc được.", "Cập nhật chương trình.",
     "The server's answer cannot be read.", "Update the program."},
    {"storage_busy", "Chương trình khác đang ghi.", "Đợi một lát rồi thử lại.", "Another program is writing.",
     "Wait a moment and try again."},
    {"storage_damaged", "Tệp dữ liệu bị hỏng.", "Đừng xoá; báo người quản trị.", "The store is damaged.",
     "Do not delete it; tell your administrator."},
    {"storage_failed", "Không mở hoặc ghi được tệp dữ liệu.", "Xem lại thư mục, quyền ghi và dung lượng trống.",
     "The store cannot be opened or written.", "Check the folder, its permissions and the space left."},
    {"storage_full", "Bộ nhớ đã đầy.", "Xoá bớt tệp khác rồi thử lại; việc vừa làm chưa được ghi.", "The disk is full.",
     "Free some space and try again; the last act was not saved."},
    {"storage_newer", "Dữ liệu do chương trình mới hơn ghi.", "Cập nhật chương trình.",
     "A newer program wrote this store.", "Update the program."},
    {"storage_read_only", "Thư mục không cho ghi.", "Xem lại quyền ghi của thư mục.", "The folder cannot be written.",
     "Check its permissions."},
    {"text_control_character", "Chữ có ký tự điều khiển.", "Gõ lại.", "The text has a control character.",
     "Type it again."},
    {"text_not_utf8", "Chữ không phải mã UTF-8.", "Gõ lại.", "The text is not UTF-8.", "Type it again."},
    {"text_too_long", "Chữ quá dài.", "Viết ngắn lại.", "The text is too long.", "Shorten it."},
    {"text_too_many_marks", "Chữ có quá nhiều dấu.", "Gõ lại.", "The text has too many marks.", "Type it again."},
    {"ticket_expired", "Vé đã hết hạn.", "Xin vé mới; những gì đã ghi vẫn còn.", "The ticket has expired.",
     "Ask for a new one; nothing is lost."},
    {"ticket_forged", "Vé bị sai ít nhất một chữ.", "Chép lại vé cho đúng.",
     "At least one letter of the ticket is wrong.", "Copy the ticket again."},
    {"ticket_malformed", "Đây không phải vé, hoặc vé bị thiếu một phần.", "Chép lại vé cho đủ.",
     "This is no ticket, or a part of it is missing.", "Copy the ticket again, whole."},
    {"ticket_other_server", "Vé này của máy chủ khác.",
     "Dùng thư mục khác cho vé này. Chỉ khi người quản trị nói máy chủ đã đổi khoá: thêm --same-server.",
     "The ticket is of another server.",
     "Use another folder for it. Only if the administrator says that the server has another key: add --same-server."},
    {"ticket_used", "Vé này đã có máy khác dùng.", "Xin vé mới; những gì đã ghi vẫn còn.",
     "Another device has used this ticket.", "Ask for a new one; nothing is lost."},
    {"tls_failed", "Không lập được chứng thư TLS.", "Báo người quản trị.", "A TLS certificate could not be made.",
     "Tell the administrator."},
    {"tls_settings_incomplete", "Thiếu một phần thiết lập TLS trong server.conf.",
     "tls_certificate và tls_key đi đôi, và cần tls = 1 (hoặc tls_listen).",
     "A part of the TLS settings is missing in server.conf.",
     "tls_certificate and tls_key go together, and need tls = 1 (or tls_listen)."},
    {"to_be_received", "Đã cho đi; chờ nơi mới nhận, tới lúc đó vẫn ở đây.",
     "Nếu lâu quá, hỏi nơi đó: họ có thể đã không nhận.",
     "It was let go, and stays here until the other unit receives it.",
     "If that takes long, ask there: they may have refused."},
    {"too_many_keys", "Máy chủ đã giữ quá nhiều khoá cũ.", "Bỏ chúng bằng --forget; các máy chưa về sẽ cần vé mới.",
     "The server keeps so many former keys already.",
     "Give them up with --forget; devices that have not been here need new tickets."},
    {"too_many_servers", "Máy chủ này đã thay cho quá nhiều máy chủ.", "",
     "This server stands in for too many others already.", ""},
    {"too_large", "Dữ liệu quá lớn.", "", "The message is too large.", ""},
    {"too_long", "Giá trị quá dài.", "Viết ngắn lại.", "The value is too long.", "Shorten it."},
    {"too_many_bundles", "Máy này đang giữ quá nhiều gói của máy khác.", "Đồng bộ trước đã.",
     "Too many bundles wait here.", "Synchronise first."},
    {"too_many_grants", "Một máy có quá nhiều quyền.", "Giao đơn vị cấp trên thay cho từng đơn vị.",
     "A device has too many grants.", "Give it the unit above them instead of each."},
    {"too_many_drafts", "Đã có quá nhiều bản nháp.", "Xem: songsong draft; bỏ bớt: songsong draft SỐ --drop",
     "There are too many drafts.", "See: songsong draft; drop some: songsong draft NUMBER --drop"},
    {"too_many_columns", "Bảng có quá nhiều cột.", "Xoá bớt cột trống.", "The sheet has too many columns.",
     "Delete empty columns."},
    {"too_many_rows", "Bảng có quá nhiều dòng.", "Chia thành nhiều tệp nhỏ hơn.", "The sheet has too many rows.",
     "Split it."},
    {"two_stores", "Thư mục này có hai kho dữ liệu, một đã niêm phong và một chưa.",
     "Chuyển một trong hai ra chỗ khác, kho niêm phong thì kèm tệp pin; đừng xoá khi chưa biết kho nào đúng.",
     "Two stores lie in this folder, a sealed and a bare one.",
     "Move one of them elsewhere, the sealed one with the file pin; delete neither before you know which one counts."},
    {"unknown_account", "Không có tài khoản này.", "Xem danh sách: account list", "There is no such account.",
     "List them with: account list"},
    {"unknown_draft", "Không có bản nháp này.", "Xem: songsong draft", "There is no such draft.",
     "See: songsong draft"},
    {"unknown_field", "Không có trường này.", "", "There is no such field.", ""},
    {"unknown_kind", "Không có loại hồ sơ này.", "", "There is no such kind.", ""},
    {"rules_heading", "Bảng quy tắc thiếu cột.", "Cần đúng các cột: kind, where, to.",
     "The list of rules lacks a column.", "It needs exactly: kind, where, to."},
    {"rules_row", "Một quy tắc chưa đúng.", "Mỗi dòng: loại hồ sơ có đơn vị riêng, điều kiện, đơn vị nhận.",
     "A rule is wrong.", "Each row: a kind that has a unit of its own, conditions, the unit that takes them."},
    {"unit_circle", "Một đơn vị lại nằm trên chính nó.", "Sửa cột parent.", "A unit is above itself.",
     "Mend the column parent."},
    {"units_closed", "Một đơn vị đang mở lại nằm dưới đơn vị đã giải thể.", "Sửa cột parent hoặc closed.",
     "An open unit would lie below one that is closed.", "Mend the column parent or closed."},
    {"units_history", "Lịch sử đơn vị này đã có một ngày muộn hơn.",
     "Dùng ngày muộn hơn; hoặc bỏ --on nếu chỉ sửa chỗ ghi sai.", "The history of this unit has a later day already.",
     "Give a later day; or leave --on out where you only correct what was written wrongly."},
    {"units_heading", "Danh sách đơn vị thiếu cột.", "Cần các cột: code, name, level, parent.",
     "The list of units lacks a column.", "It needs: code, name, level, parent."},
    {"units_row", "Một dòng đơn vị chưa đúng.", "Mỗi đơn vị cần mã (chỉ một lần) và tên.",
     "A row of the list is wrong.", "Each unit needs a code (once) and a name."},
    {"unknown_attachment", "Ảnh này chưa tới máy chủ, hoặc đã bị xoá.", "Hỏi người chụp đồng bộ máy của họ.",
     "The file has not reached the server, or was erased.", "Ask whoever took it to synchronise."},
    {"unknown_parent", "Không có đơn vị cấp trên này.", "Sửa cột parent, hoặc thêm đơn vị đó.",
     "There is no such parent unit.", "Mend the column parent, or add that unit."},
    {"unknown_profile", "Không có mẫu danh sách này.", "", "There is no such list profile.", ""},
    {"unknown_record", "Ở đây không có hồ sơ này.", "Xem lại mã, hoặc đồng bộ rồi thử lại.",
     "There is no such record here.", "Check the id, or synchronise first."},
    {"unknown_replica", "Máy chủ không biết máy này.", "Xin vé mới; những gì đã ghi vẫn còn.",
     "The server does not know this device.", "Ask for a new ticket; nothing is lost."},
    {"unknown_role", "Không có vai trò này.", "", "There is no such role.", ""},
    {"unknown_type", "Trường này mới hơn chương trình.", "Cập nhật chương trình.",
     "The field is newer than this program.", "Update the program."},
    {"unknown_unit", "Không có mã đơn vị này trong phạm vi của bạn.", "", "There is no such unit in your scope.", ""},
    {"unknown_value", "Giá trị không có trong danh sách.", "", "The value is not in the list.", ""},
    {"url_malformed", "Địa chỉ phải bắt đầu bằng http:// hoặc https://.", "",
     "An address begins with http:// or https://.", ""},
    {"usage", "Viết lệnh chưa đúng.", "Xem: --help", "The command is not written as it should be.", "See: --help"},
    {"wrong_kind", "Hồ sơ được nhắc tới thuộc loại khác.", "Xem lại mã hồ sơ.", "The record named is of another kind.",
     "Check the record id."},
    {"wrong_settlement", "Cách giải quyết không hợp với việc này.", "", "This case is not settled in this way.", ""},
    {"wrong_shape", "Trường này không ghi theo cách đó.", "Nhiều giá trị: dùng += và -=; một giá trị: dùng =",
     "The field is not written in this way.", "Several values: += and -=; a single one: ="},
    {"wrong_type", "Giá trị không đúng loại.", "", "The value is of the wrong type.", ""},
};

const Entry* find_exactly(std::string_view code) {
  const auto found =
      std::find_if(std::begin(kEntries), std::end(kEntries), [code](const Entry& entry) { return entry.code == code; });
  return found != std::end(kEntries) ? &*found : nullptr;
}

// The codec has a code for each way in which bytes can be none of its; to people they are all the same.
const Entry* find(std::string_view code) {
  if (const Entry* const entry = find_exactly(code)) return entry;
  if (code.starts_with("piece_")) return find_exactly("piece_broken");
  if (code.starts_with("policy_table_")) return find_exactly("policy_table_malformed");
  return nullptr;
}

// What a list of allowed names stands behind in the English sentence.
std::string allowed_in(const Fault& fault) {
  for (const std::string_view mark : {"one of: ", "allowed: "}) {
    const std::size_t at = fault.what.find(mark);
    if (at != std::string::npos) return fault.what.substr(at + mark.size());
  }
  return {};
}

// What a disk does to a server is not told in the words for one's own: nobody should clear the phone for it.
std::string_view told_code(const Fault& fault) {
  if (fault.code != "refused") return fault.code;
  if (fault.where == "storage_full") return "server_disk_full";
  return fault.where.starts_with("storage_") ? "server_storage" : std::string_view(fault.where);
}

}  // namespace

Language choose_language(const std::function<const char*(const char*)>& variable) {
  for (const char* name : {"SONGSONG_LANG", "LC_ALL", "LC_MESSAGES", "LANG"}) {
    const char* const value = variable(name);
    if (value == nullptr || *value == '\0') continue;
    return std::string_view(value).starts_with("en") ? Language::kEnglish : Language::kVietnamese;
  }
  return Language::kVietnamese;
}

bool has_message(std::string_view code) { return find(code) != nullptr; }

bool will_pass(std::string_view code) { return code == "busy" || code.starts_with("storage_"); }

// A refusal is told by the server's code.
Message message_for(const Fault& fault, Language language) {
  const bool refused = fault.code == "refused";
  const std::string_view told = told_code(fault);
  const Entry* const entry = find(told);
  if (entry == nullptr) return Message{.what = fault.what, .act = {}};
  Message message{.what = say(language, entry->vi, entry->en), .act = say(language, entry->vi_do, entry->en_do)};
  if (refused && told == fault.where) {
    message.what = say(language, "Máy chủ từ chối: ", "The server refused: ") + message.what;
    return message;
  }
  const std::string allowed = allowed_in(fault);
  if (!allowed.empty()) message.act = say(language, "Được dùng: ", "Allowed: ") + allowed;
  return message;
}

int exit_code_for(const Fault& fault) {
  const std::string& code = fault.code;
  if (code == "usage") return 2;
  if (code.starts_with("storage_")) return 5;
  if (code == "network" || code == "not_our_server" || code == "server_unproven" || code == "answer_forged" ||
      code == "answer_malformed" || code == "busy")
    return 3;
  if (code == "refused") return will_pass(fault.where) ? 3 : 4;
  return 1;
}

}  // namespace songsong
