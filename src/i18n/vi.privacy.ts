/** Texts about the collection itself. */
export const viPrivacy = {
  'privacy.link': 'Thông tin về việc lấy ý kiến',
  'privacy.title': 'Thông tin về việc lấy ý kiến',
  'privacy.lead':
    'Ông/Bà đánh giá hoàn toàn tự nguyện. Đánh giá hay không, chọn mức nào, đều không ảnh hưởng đến việc giải quyết hồ sơ.',
  'privacy.why': 'Để làm gì',
  'privacy.whyText':
    'Để biết Ông/Bà hài lòng đến đâu và nơi phục vụ cần làm tốt hơn điều gì. Không dùng vào việc khác.',
  'privacy.what': 'Lưu những gì',
  'privacy.whatText':
    'Mức Ông/Bà chọn, lý do và ý kiến nếu Ông/Bà ghi, nhóm tuổi hay giới tính nếu phiếu có hỏi và Ông/Bà trả lời, thời gian, quầy, cán bộ và thủ tục. Không ghi họ tên, số điện thoại, số giấy tờ, địa chỉ; không ghi hình, không ghi âm. Mã hồ sơ, nếu có, được mã hóa một chiều, chỉ để mỗi hồ sơ được đánh giá một lần.',
  'privacy.commentText':
    'Xin không ghi thông tin cá nhân vào phần ý kiến. Số điện thoại, số giấy tờ, số tài khoản và địa chỉ thư điện tử lỡ ghi vào sẽ được che với mọi người ngoài trung tâm, trừ người quản trị hệ thống.',
  'privacy.who': 'Ai lưu, ai xem',
  'privacy.whoText':
    'Trung tâm hoặc bộ phận một cửa nơi Ông/Bà đánh giá và cơ quan quản lý cấp trên. Công chúng chỉ xem được số liệu tổng hợp.',
  'privacy.long': 'Lưu bao lâu',
  'privacy.longComments': 'Ý kiến viết: {months} tháng, sau đó tự động xóa.',
  'privacy.longDossiers': 'Dấu cho biết hồ sơ đã được đánh giá: {months} tháng, sau đó tự động xóa.',
  'privacy.longAnswers': 'Mức đánh giá và lý do, không gắn với người nào: lưu để lập báo cáo qua các năm.',
  'privacy.ask': 'Ông/Bà cần hỏi thêm',
  'privacy.askText':
    'Xin hỏi cán bộ tại nơi Ông/Bà đến làm thủ tục. Vì phiếu không ghi tên, không ai tìm lại được phiếu của riêng Ông/Bà.',
} as const;
