/* Every word a person can read on the board, in both languages: key: [zh-CN, en]. Numbers go in
 * as {name}. What the scenario says comes from the server as {zh, en}; see `said`. */
export const LANGUAGES = ['zh', 'en'];
export const LANGUAGE_TAGS = { zh: 'zh-CN', en: 'en' };

export const words = {
    product: ['演武', 'Yanwu'],
    product_line: ['工业控制系统应急演练', 'Incident-response drills for industrial control'],
    to_content: ['跳到正文', 'Skip to content'],

    /* places */
    view_list: ['演练列表', 'Drills'],
    view_wall: ['大屏', 'Wall'],
    view_control: ['导调台', 'Control'],
    view_team: ['参演席', 'Team'],
    views: ['视图', 'Views'],
    list_empty: ['还没有演练。', 'No drill yet.'],
    list_empty_hint: ['用 yanwu run 启动一场演练，它会自动出现在这里。',
                      'Start one with yanwu run and it appears here by itself.'],
    list_failed: ['读不到演练列表，正在重试。', 'Cannot read the list of drills; trying again.'],
    list_loading: ['正在读取……', 'Loading…'],
    server_version: ['服务器版本 {version}', 'Server version {version}'],

    /* settings */
    settings: ['显示设置', 'Display'],
    language_other: ['English', '中文'],
    language_switch: ['切换到英文', 'Switch to Chinese'],
    theme_auto: ['跟随系统', 'System'],
    theme_light: ['浅色', 'Light'],
    theme_dark: ['深色', 'Dark'],
    theme_switch: ['配色：{theme}，点击更换', 'Colours: {theme}; press to change'],

    /* connection */
    connection_label: ['连接', 'Connection'],
    connection_connecting: ['正在连接', 'Connecting'],
    connection_live: ['实时', 'Live'],
    connection_stale: ['无响应，画面停在 {seconds} 秒前', 'No answer: picture is {seconds} s old'],
    connection_reconnecting: ['正在重连，画面停在 {seconds} 秒前',
                              'Reconnecting: picture is {seconds} s old'],
    connection_reconnecting_first: ['连不上服务器，正在重试', 'Server not reached, trying again'],
    connection_refused: ['令牌无效', 'Token refused'],
    connection_unknown: ['没有这场演练', 'No such drill'],

    /* phases */
    phase_label: ['阶段', 'Phase'],
    phase_planned: ['已计划', 'Planned'],
    phase_staging: ['搭建中', 'Staging'],
    phase_ready: ['就绪', 'Ready'],
    phase_running: ['进行中', 'Running'],
    phase_paused: ['已暂停', 'Paused'],
    phase_ended: ['已结束', 'Ended'],
    phase_archived: ['已归档', 'Archived'],
    tabletop: ['桌面推演', 'Tabletop'],

    /* clock */
    time_left: ['剩余时间', 'Time left'],
    time_over: ['已超时', 'Over time'],
    time_drill: ['演练时钟', 'Drill clock'],
    time_length: ['总时长 {time}', 'of {time}'],
    time_speed: ['{speed} 倍速', '{speed}× speed'],
    time_at: ['演练时间 {time}', 'At drill time {time}'],

    /* ranks */
    ranks: ['排名', 'Ranking'],
    rank_nth: ['第 {rank} 名', 'Rank {rank}'],
    team: ['队伍', 'Team'],
    delta_up: ['近一分钟上升 {n} 位', 'Up {n} in the last minute'],
    delta_down: ['近一分钟下降 {n} 位', 'Down {n} in the last minute'],
    delta_none: ['近一分钟名次未变', 'Same rank for the last minute'],
    gained: ['近一分钟 {points} 分', '{points} in the last minute'],
    page_of: ['第 {page} 页，共 {pages} 页', 'Page {page} of {pages}'],
    chart: ['得分走势', 'Points over time'],
    chart_says: ['得分走势：{teams}', 'Points over time: {teams}'],
    chart_minutes: ['演练时间（分:秒）', 'Drill time (min:s)'],
    no_teams: ['还没有队伍。', 'No teams yet.'],

    /* consequence levels */
    level_0: ['正常', 'Normal'],
    level_1: ['告警', 'Alarm'],
    level_2: ['质量受损', 'Off-spec'],
    level_3: ['联锁停车', 'Trip'],
    level_4: ['设备损坏', 'Damage'],
    level_5: ['安环事故', 'Safety'],
    level_says: ['后果 {level} 级：{word}', 'Consequence level {level}: {word}'],
    level_worst: ['最严重曾到 {level} 级', 'Worst so far: level {level}'],

    /* events and why */
    events: ['最新动态', 'Latest events'],
    events_empty: ['一切正常，尚无动态。', 'All quiet so far.'],
    event_number: ['第 {seq} 号事件', 'Event {seq}'],
    why: ['得分依据', 'Why these points'],
    why_of: ['{team}：得分依据', '{team}: why these points'],
    why_open: ['{team}，查看得分依据', '{team}: see why'],
    why_empty: ['还没有得分记录。', 'No points yet.'],
    why_hint: ['点击队伍或按回车，查看每一分的依据', 'Click a team or press Enter to see why'],
    why_total: ['合计', 'Total'],
    why_causes: ['依据事件', 'Caused by events'],
    why_known: ['这些事件', 'These events'],
    source_objective: ['目标', 'Objective'],
    source_ruling: ['裁决', 'Ruling'],
    close: ['关闭', 'Close'],
    cancel: ['取消', 'Cancel'],

    /* plant */
    plant: ['生产过程', 'Plant'],
    plant_hmi: ['生产过程（操作站画面）', 'Plant as the HMI shows it'],
    plant_none: ['此处看不到生产过程。', 'No plant to be seen here.'],
    value_truth: ['真值', 'Truth'],
    value_field: ['现场', 'Field'],
    value_view: ['显示', 'View'],
    value_truth_says: ['物理真值', 'What the physics is'],
    value_field_says: ['现场信号线上的值', 'What the field wire carries'],
    value_view_says: ['寄存器与操作站显示的值', 'What registers and HMI show'],
    value_none: ['无数据', 'No data'],
    value_differs: ['显示与真值不符', 'View differs from truth'],
    limit_above: ['高于 {value}：{level}', 'Above {value}: {level}'],
    limit_below: ['低于 {value}：{level}', 'Below {value}: {level}'],
    mimic_raw: ['原水', 'Raw water'],
    mimic_valve: ['进水阀', 'Inlet valve'],
    mimic_chemical: ['碱液罐', 'NaOH drum'],
    mimic_pump: ['加药泵', 'Dosing pump'],
    mimic_reactor: ['混合段', 'Mixing'],
    mimic_tank: ['清水池', 'Clear well'],
    mimic_town: ['供水管网', 'To the town'],
    mimic_says: ['工艺流程图：{title}', 'Process picture: {title}'],

    /* machines */
    machines: ['机器', 'Machines'],
    machines_none: ['此处看不到机器。', 'No machines to be seen here.'],
    machine_planned: ['待建', 'Planned'],
    machine_starting: ['启动中', 'Starting'],
    machine_up: ['已启动', 'Up'],
    machine_serving: ['服务中', 'Serving'],
    machine_lost: ['失联', 'Lost'],
    machine_down: ['已停机', 'Down'],
    link_up: ['网络接通', 'Link up'],
    link_down: ['网络切断', 'Link cut'],
    machine_hidden: ['对参演方隐藏', 'Hidden from the team'],
    machine_field: ['接入过程 {plant}', 'Wired to {plant}'],
    image_plc: ['控制器', 'Controller'],
    image_hmi: ['操作站', 'Operator station'],
    image_attacker: ['攻击机', 'Attacker'],

    /* consoles */
    console_open: ['打开 {machine} 的控制台', 'Open the console of {machine}'],
    console_word: ['控制台', 'Console'],
    screen_open: ['打开 {machine} 的屏幕', 'Open the screen of {machine}'],
    screen_word: ['屏幕', 'Screen'],
    console_title: ['{machine} 的控制台', 'Console of {machine}'],
    screen_title: ['{machine} 的屏幕', 'Screen of {machine}'],
    console_connecting: ['正在连接…', 'Connecting…'],
    console_type: ['由你输入', 'You type'],
    console_view: ['只看', 'View only'],
    console_view_by: ['只看；正在输入：{typist}', 'View only; typing: {typist}'],
    console_take: ['接管输入', 'Take the keys'],
    console_yield: ['交出输入', 'Give up the keys'],
    console_again: ['重新连接', 'Connect again'],
    console_ended: ['已断开：{why}', 'Ended: {why}'],
    console_refused: ['未获准：{why}', 'Refused: {why}'],
    console_hint: ['Shift+Tab 离开终端。会话会被录制。',
        'Shift+Tab leaves the terminal. The session is recorded.'],
    screen_hint: ['屏幕不录制；谁在操作会记入日志。',
        'The screen is not recorded; who sits at it is.'],
    console_lost: ['连接中断', 'the connection was lost'],

    /* story, attacks, playbooks */
    story: ['剧情线', 'Story line'],
    story_none: ['剧情未开始', 'Story not started'],
    story_finished: ['剧情已走完', 'Story finished'],
    story_step: ['第 {index} 步', 'Step {index}'],
    story_until: ['最迟 {time}', 'until {time} at the latest'],
    verb_say: ['通报', 'Say'],
    verb_hint: ['提示', 'Hint'],
    verb_wait: ['等待', 'Wait'],
    verb_wait_for: ['等待目标', 'Wait for objective'],
    verb_wait_until: ['等待条件', 'Wait until'],
    verb_attack: ['攻击', 'Attack'],
    verb_inject: ['注入', 'Inject'],
    verb_finish: ['结束', 'Finish'],
    story_faulted: ['剧情脚本出错', 'The story failed'],
    attacks: ['攻击', 'Attacks'],
    attacks_none: ['没有计划中的攻击。', 'No attacks planned.'],
    attack_planned: ['未发动', 'Planned'],
    attack_started: ['进行中', 'Under way'],
    attack_done: ['已得手', 'Took effect'],
    attack_failed: ['未得手', 'Failed'],
    attack_route: ['{from} 攻击 {to}', '{from} against {to}'],
    attack_from: ['由 {from} 发起', 'from {from}'],
    attack_effect: ['{time} 生效', 'effect at {time}'],
    playbooks: ['预案执行', 'Playbooks'],
    playbooks_none: ['还没有启动预案。', 'No playbook started yet.'],
    playbook_active: ['执行中', 'Active'],
    playbook_ok: ['已完成', 'Completed'],
    playbook_failed: ['未完成', 'Failed'],
    step_none: ['未开始', 'Not started'],
    step_ongoing: ['进行中', 'Ongoing'],
    step_await_user_input: ['等待人工', 'Waiting for people'],
    step_successfully_executed: ['完成', 'Done'],
    step_failed: ['失败', 'Failed'],
    step_timeout_error: ['超时', 'Timed out'],

    /* objectives */
    objectives: ['目标', 'Objectives'],
    objectives_none: ['还没有目标。', 'No objectives yet.'],
    objective_open: ['进行中', 'Open'],
    objective_met: ['达成', 'Met'],
    objective_lost: ['失分', 'Lost'],
    objective_fades: ['随时间递减至 {points} 分', 'fading to {points}'],
    objective_met_at: ['于 {time}', 'at {time}'],

    /* questions */
    questions: ['待答问题', 'Open questions'],
    questions_mine: ['等你处置', 'Waiting for you'],
    questions_none: ['目前没有待答的问题。', 'No open question at the moment.'],
    questions_done: ['已答问题', 'Answered'],
    question_role: ['由{role}作答', 'For the role: {role}'],
    question_left: ['剩余 {time}', '{time} left'],
    question_late: ['已超时 {time}', '{time} late'],
    question_late_mark: ['迟答', 'Late'],
    question_answered: ['已答', 'Answered'],
    question_closed: ['已关闭', 'Closed'],
    question_by: ['{who} 于 {time} 作答', '{who} at {time}'],
    question_hint: ['按回车提交', 'Press Enter to submit'],
    question_sent: ['已提交', 'Submitted'],
    answer_submit: ['提交', 'Submit'],
    answer_sending: ['正在提交……', 'Submitting…'],
    form_missing: ['请填写“{field}”。', 'Please fill in “{field}”.'],
    form_invalid: ['“{field}”填写有误。', '“{field}” cannot be read.'],
    yes: ['是', 'Yes'],
    no: ['否', 'No'],
    role_ir_lead: ['应急指挥', 'Incident lead'],
    role_operator: ['值班操作员', 'Operator'],
    role_liaison: ['联络员', 'Liaison'],
    field_tampered: ['参数是否被篡改', 'Was it tampered with'],
    field_source: ['来源（地址或机器）', 'Source (address or machine)'],

    /* acting */
    operate: ['操作', 'Operate'],
    operate_machine: ['操作站', 'Station'],
    operate_what: ['操作内容', 'Operation'],
    operate_set_point: ['加药设定值', 'Dose set-point'],
    operate_stop_pump: ['停加药泵', 'Stop the dosing pump'],
    operate_start_pump: ['恢复加药泵', 'Run the dosing pump again'],
    operate_value: ['设定值（mg/l）', 'Set-point (mg/l)'],
    operate_submit: ['执行', 'Carry out'],
    operate_done: ['已执行。', 'Carried out.'],
    operate_failed: ['执行失败（退出码 {exit}）。', 'It failed (exit status {exit}).'],
    operate_none: ['没有可操作的操作站。', 'No station to operate.'],
    report: ['上报', 'Report'],
    report_text: ['报告内容', 'What to report'],
    report_hint: ['Ctrl+回车提交', 'Ctrl+Enter submits'],
    report_submit: ['上报', 'File report'],
    report_done: ['已上报，记为第 {seq} 号事件。', 'Filed as event {seq}.'],

    /* control */
    control_up: ['搭建靶场', 'Bring up'],
    control_start: ['开始', 'Start'],
    control_pause: ['暂停', 'Pause'],
    control_resume: ['继续', 'Resume'],
    control_end: ['结束', 'End'],
    control_down: ['拆除靶场', 'Take down'],
    control_speed: ['时钟倍速', 'Clock speed'],
    control_reason: ['理由', 'Reason'],
    control_reason_says: ['理由记入演练日志，所有人可见。',
                          'The reason goes into the journal for everybody to see.'],
    control_end_says: ['结束后不能继续。', 'An ended drill cannot go on.'],
    control_busy: ['正在处理……', 'Working…'],
    control_done: ['完成：{phase}', 'Done: {phase}'],
    stop_now: ['急停', 'Emergency stop'],
    stop_says: ['冻结全部机器并切断网络。', 'Freezes all machines and cuts their links.'],
    stop_confirm: ['确认急停', 'Stop now'],
    stop_holds: ['已急停：机器冻结，网络切断', 'Stopped: machines frozen, links cut'],
    checkpoints: ['检查点', 'Checkpoints'],
    checkpoints_none: ['还没有检查点。', 'No checkpoint yet.'],
    checkpoint_all: ['全部队伍', 'All teams'],
    checkpoint_label: ['名称（小写字母、数字、-）', 'Name (a-z, 0-9, -)'],
    checkpoint_create: ['建立检查点', 'Make a checkpoint'],
    checkpoint_created: ['检查点已建立。', 'The checkpoint is kept.'],
    checkpoint_restore: ['回到此处', 'Go back'],
    checkpoint_restore_sure: ['机器、网络与工艺回到 {time}', 'Machines, links, plant back to {time}'],
    checkpoint_restored: ['已回到检查点，演练时钟继续向前。', 'Back; the drill clock goes on.'],
    checkpoint_fork: ['分支', 'Fork'],
    checkpoint_fork_sure: ['另起一场演练（暂停）', 'A second drill, paused'],
    checkpoint_forked: ['分支已建立，见演练列表。', 'Forked: see the list of drills.'],
    checkpoint_drop: ['删除', 'Drop'],
    checkpoint_drop_sure: ['确认删除', 'Drop it'],
    reset: ['复位', 'Reset'],
    reset_left: ['复位（剩 {left} 次）', 'Reset ({left} left)'],
    reset_sure: ['确认复位', 'Reset it'],
    reset_done: ['已复位。', 'Reset.'],
    evidence: ['取证', 'Evidence'],
    evidence_sure: ['保存内存与磁盘', 'Keep memory and disk'],
    evidence_done: ['证据已保存。', 'Evidence is kept.'],
    ruling: ['裁决', 'Ruling'],
    ruling_points: ['加减分', 'Points, plus or minus'],
    ruling_submit: ['作出裁决', 'Rule'],
    ruling_done: ['已裁决，记为第 {seq} 号事件。', 'Ruled: event {seq}.'],
    team_choose: ['选择队伍', 'Choose a team'],

    /* tokens and errors */
    token_title: ['需要令牌', 'A token is needed'],
    token_says_control: ['导调台只对持有导调令牌的人开放。',
                         'The control view is for holders of the control token.'],
    token_says_team: ['参演席只对持有本队令牌的人开放。',
                      'The team view is for holders of a team token.'],
    token_refused: ['服务器不接受这个令牌。', 'The server refused this token.'],
    token_wrong_view: ['这个令牌不能打开此页。', 'This token does not open this page.'],
    token_label: ['令牌', 'Token'],
    token_submit: ['进入', 'Enter'],
    error_network: ['连不上服务器，再按一次会安全重试。',
                    'Server not reached; press again, it is safe to repeat.'],
    error_server: ['服务器答复：{message}', 'The server says: {message}'],
};

export function translate(language, key, values = {}) {
    const entry = words[key];
    if (!entry) {
        throw new Error(`no word for ${key}`);
    }
    return entry[LANGUAGES.indexOf(language)].replace(
        /\{(\w+)\}/g, (_, name) => String(values[name] ?? ''));
}

export const has = (key) => Object.hasOwn(words, key);

/* Text that comes with its translations, or one plain string for both. */
export function said(language, text) {
    if (text === null || text === undefined || typeof text === 'string') {
        return text ?? '';
    }
    return text[language] || text.zh || text.en || '';
}

/* The word for a name of ours, else the name itself: roles, images, fields of a scenario (a
 * playbook writes its variables as __name__). */
export function nameOf(language, prefix, name) {
    const key = `${prefix}_${String(name).replace(/^_+|_+$/g, '')}`;
    return has(key) ? translate(language, key) : String(name);
}
