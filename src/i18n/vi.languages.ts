/** Texts of the page about languages. */
export const viLanguages = {
  'languages.title': 'Ngôn ngữ',
  'languages.lead':
    'Những ngôn ngữ mà người dân chọn được trên máy đánh giá. Phần nào chưa dịch thì hiện bằng tiếng Việt. Để thêm một ngôn ngữ, hãy tải tệp mẫu, dịch rồi đưa vào thư mục locales của máy chủ và khởi động lại.',
  'languages.template': 'Tải tệp mẫu để dịch',
  'languages.name': 'Ngôn ngữ',
  'languages.code': 'Mã',
  'languages.state': 'Bản dịch',
  'languages.complete': 'Đầy đủ',
  'languages.gaps': 'Thiếu hoặc sai {n} câu',
  'languages.clips': 'Tệp âm thanh',
  'languages.gapsOf': '{name}: những câu thiếu hoặc sai',
  'languages.text': 'Câu',
  'languages.problem': 'Vấn đề',
  'languages.problem.missing': 'Chưa dịch',
  'languages.problem.unknown': 'Không có trong phiên bản này',
  'languages.problem.parameters': 'Các phần trong ngoặc nhọn khác với câu tiếng Việt',
  'languages.more': 'Còn {n} câu nữa.',
  'languages.unheard': 'Tệp âm thanh không bao giờ được phát',
  'languages.unheardWhy': 'Tên không ứng với câu hỏi hay mức nào, khác định dạng (mp3, m4a, wav) hoặc lớn hơn 1 MB.',
} as const;
